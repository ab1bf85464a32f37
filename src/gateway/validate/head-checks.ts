/** The rules on what an answer begins with: the status and the header fields. */
import { ExchangeError } from "../../http/errors.ts";
import type { HeaderList } from "../../http/exchange.ts";
import { fieldLines, trailerLines } from "../../http/response-head.ts";
import type { BreachLog } from "./breach.ts";
import type { BreachCode } from "./rules.ts";

/** What only the engine may send. */
const engines: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "trailer",
  "transfer-encoding",
]);

/**
 * Tells of each field that may not be sent. Returns the announced content-length, or -1.
 * @param lines what makes the lines of them, and refuses what can't be sent
 */
export function checkHeaders(
  headers: unknown,
  log: BreachLog,
  lines: (headers: HeaderList) => string = fieldLines,
): number {
  if (!Array.isArray(headers) || headers.length % 2 !== 0) {
    log.tell(
      "bad-header-list",
      Array.isArray(headers)
        ? `the header list has ${headers.length} items: it takes a name and a value for each field, in turn`
        : "the headers are no array: they are a flat list, [name, value, name, value, …]",
    );
    return -1;
  }
  let length = -1;
  for (let i = 0; i < headers.length; i += 2) {
    const pair = [headers[i], headers[i + 1]] as string[];
    const name = String(pair[0]).toLowerCase();
    const isLength = name === "content-length";
    if (isLength && length >= 0) {
      log.tell("bad-content-length", "the answer has two content-length fields: it may have one");
    }
    const code = engines.has(name) ? "hop-by-hop-header" : isLength ? "bad-content-length" : "bad-header";
    attempt(() => lines(pair), code, log);
    if (isLength && /^[0-9]{1,15}$/.test(String(pair[1]))) length = Number(pair[1]);
  }
  return length;
}

/** Tells of trailer fields that may not be sent. */
export function checkTrailers(trailers: unknown, log: BreachLog): void {
  attempt(() => trailerLines(trailers as string[]), "bad-trailers", log);
}

/** What the engine would refuse is a breach: it says why. */
export function attempt(check: () => void, code: BreachCode, log: BreachLog): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof ExchangeError || error instanceof TypeError)) throw error;
    log.tell(code, error.message);
  }
}

/** Header lists that were handed over, and must stay as they were. */
export class HandedLists {
  readonly #lists: { readonly list: readonly string[]; readonly copy: readonly string[] }[] = [];

  add(list: readonly string[] | undefined): void {
    if (Array.isArray(list)) this.#lists.push({ list, copy: [...list] });
  }

  /** Tells if one has changed. */
  check(log: BreachLog): void {
    for (const { list, copy } of this.#lists) {
      if (list.length === copy.length && list.every((item, i) => item === copy[i])) continue;
      log.tell(
        "headers-changed",
        "a header list was changed after it was handed over: make a new one, the server may still read it",
      );
    }
  }
}
