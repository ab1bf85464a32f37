/** Takes the head apart that Node has made of an application's status and headers. */
import type { HeaderList } from "../../http/exchange.ts";

/** The head of an answer, as an exchange takes it. */
export interface MessageHead {
  readonly headers: HeaderList;
  /** What the application, or Node for it, has announced; -1 for nothing. */
  readonly contentLength: number;
}

/**
 * The header lines of a head. Left out are the fields that frame the message or speak of the connection: those are the
 * engine's to send.
 * @param head from the status line, or the first header line, to the empty line, each ended by CRLF
 * @param at where the first header line begins
 * @param lengthless leaves a Content-Length out
 */
export function parseFields(head: string, at: number, lengthless = false): MessageHead {
  const headers: string[] = [];
  let contentLength = -1;
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
      continue;
    }
    headers.push(name, value);
  }
  return { headers, contentLength };
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

/** -1 for what is no length: the engine refuses it. */
function lengthOf(value: string): number {
  return /^[0-9]{1,15}$/.test(value) ? Number(value) : -1;
}
