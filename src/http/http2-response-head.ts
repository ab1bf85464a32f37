/** A header list as `node:http2` takes it. What may not be sent is refused as in HTTP/1.1. */
import type { OutgoingHttpHeaders } from "node:http2";
import { trimmed } from "./chars.ts";
import type { HeaderList } from "./exchange.ts";
import { fieldLines, trailerLines } from "./response-head.ts";

/**
 * Fields that an application may set and that have no meaning in HTTP/2 (RFC 9113 §8.2.2), as they are about a
 * connection of HTTP/1.1: they are left out.
 */
const connectionSpecific: ReadonlySet<string> = new Set(["connection", "http2-settings", "te", "upgrade"]);

/**
 * The fields of an answer; `seen` of response-head.ts tells what was among them.
 * @throws ExchangeError naming the field that may not be sent
 */
export function answerFields(status: number, headers: HeaderList): OutgoingHttpHeaders {
  fieldLines(headers);
  const fields = toFields(headers);
  fields[":status"] = status;
  return fields;
}

/** @throws ExchangeError naming the field that may not be sent as a trailer */
export function trailerFields(trailers: HeaderList): OutgoingHttpHeaders {
  trailerLines(trailers);
  return toFields(trailers);
}

function toFields(headers: HeaderList): OutgoingHttpHeaders {
  const fields: Record<string, string | string[] | number> = Object.create(null);
  for (let i = 0; i < headers.length; i += 2) {
    const name = (headers[i] as string).toLowerCase();
    if (connectionSpecific.has(name)) continue;
    // §8.2.1: no whitespace at the ends.
    const value = trimmed(headers[i + 1] as string);
    const before = fields[name];
    if (before === undefined) fields[name] = value;
    else if (name !== "set-cookie")
      fields[name] = `${before}, ${value}`; // the same by RFC 9110 §5.3
    else if (typeof before === "object") before.push(value);
    else fields[name] = [before as string, value];
  }
  return fields;
}
