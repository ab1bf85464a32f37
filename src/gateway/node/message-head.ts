/** Takes the head apart that Node has made of an application's status and headers. */
import type { HeaderList } from "../../http/exchange.ts";
import { statusLine } from "../../http/response-head.ts";
import { RESET_CONTENT } from "../../http/status.ts";

/** The fields of a head, as an exchange takes them. */
export interface MessageFields {
  readonly headers: HeaderList;
  /** What the application, or Node for it, has announced; -1 for nothing. */
  readonly contentLength: number;
  /** Whether the application has set a Transfer-Encoding itself: such an answer has no Content-Length. */
  readonly isFramed: boolean;
  /** Whether the connection is to end behind the answer. */
  readonly closes: boolean;
}

/** The head of an answer, as an exchange takes it: with `connection: close` where the connection is to end. */
export interface MessageHead {
  readonly status: number;
  /** The application's own reason phrase; undefined where it is the standard one, of a status that every application may have. */
  readonly reason: string | undefined;
  readonly headers: HeaderList;
  readonly contentLength: number;
  readonly isFramed: boolean;
}

/** Takes a head apart that Node has made. */
export function parseHead(head: string): MessageHead {
  const status = Number(head.slice(9, 12));
  const at = head.indexOf("\r\n") + 2;
  const isStandard = status >= 200 && status <= 599 && head.startsWith(statusLine(status));
  const reason = isStandard ? undefined : head.slice(13, at - 2);
  const { headers, contentLength, isFramed, closes } = parseFields(head, at, status === RESET_CONTENT);
  if (closes || (status === RESET_CONTENT && !/\n(?:content-length|transfer-encoding):/i.test(head))) {
    // Of 205 the application may have taken every other sign away that it is empty.
    return { status, reason, headers: [...headers, "connection", "close"], contentLength, isFramed };
  }
  return { status, reason, headers, contentLength, isFramed };
}

/**
 * The header lines of a head. Left out are the fields that frame the message or speak of the connection: those are the
 * engine's to send. `closes` tells what of them an application may ask for.
 * @param head from the status line, or the first header line, to the empty line, each ended by CRLF
 * @param at where the first header line begins
 * @param lengthless leaves a Content-Length out
 */
export function parseFields(head: string, at: number, lengthless = false): MessageFields {
  const headers: string[] = [];
  let contentLength = -1;
  let isFramed = false;
  let closes = false;
  for (let end = 0; at < head.length - 2; at = end + 2) {
    const colon = head.indexOf(":", at);
    end = head.indexOf("\r\n", colon);
    const name = head.slice(at, colon);
    const value = head.slice(head.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1, end);
    const { length } = name;
    if (length === 14 && name.toLowerCase() === "content-length") {
      if (lengthless) continue;
      contentLength = lengthOf(value);
    } else if ((length === 7 || length === 10 || length === 16 || length === 17) && isConnections(name)) {
      // Node's own comes behind all others.
      if (length === 17 && end < head.length - 4) isFramed = true;
      else if (asksToClose(name, value)) closes = true;
      continue;
    }
    headers.push(name, value);
  }
  return { headers, contentLength, isFramed, closes };
}

const SPACE = 0x20;

function isConnections(name: string): boolean {
  switch (name.toLowerCase()) {
    case "connection":
    case "keep-alive":
    case "proxy-connection":
    case "trailer":
    case "transfer-encoding":
      return true;
    default:
      return false;
  }
}

/** As Node reads it: in any case, among other options. */
function asksToClose(name: string, value: string): boolean {
  return name.toLowerCase() === "connection" && /(?:^|\W)close(?:$|\W)/i.test(value);
}

/** -1 for what is no number. The engine is the one to refuse a value that is no length. */
function lengthOf(value: string): number {
  const length = Number(value);
  return Number.isSafeInteger(length) ? length : -1;
}
