/** Takes the head apart that Node has made of an application's status and headers. */
import type { HeaderList } from "../../http/exchange.ts";

/** RFC 9110 §15.3.6: its body is empty, whatever the application has written. */
const RESET_CONTENT = 205;

/** The fields of a head, as an exchange takes them. */
export interface MessageFields {
  readonly headers: HeaderList;
  /** What the application, or Node for it, has announced; -1 for nothing. */
  readonly contentLength: number;
  /** Whether the application has set a Transfer-Encoding itself: such an answer has no Content-Length. */
  readonly isFramed: boolean;
}

/** The head of an answer. */
export interface MessageHead extends MessageFields {
  readonly status: number;
}

/** Takes a head apart, which begins with its status line. */
export function parseHead(head: string): MessageHead {
  const status = Number(head.slice(9, 12));
  const at = head.indexOf("\r\n") + 2;
  const { headers, contentLength, isFramed } = parseFields(head, at, status === RESET_CONTENT);
  return { status, headers, contentLength, isFramed };
}

/**
 * The header lines of a head. Left out are the fields that frame the message or speak of the connection: those are the
 * engine's to send.
 * @param head from the status line, or the first header line, to the empty line, each ended by CRLF
 * @param at where the first header line begins
 * @param lengthless leaves a Content-Length out
 */
export function parseFields(head: string, at: number, lengthless = false): MessageFields {
  const headers: string[] = [];
  let contentLength = -1;
  let isFramed = false;
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
      continue;
    }
    headers.push(name, value);
  }
  return { headers, contentLength, isFramed };
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

/** -1 for what is no number. The engine is the one to refuse a value that is no length. */
function lengthOf(value: string): number {
  const length = Number(value);
  return Number.isSafeInteger(length) ? length : -1;
}
