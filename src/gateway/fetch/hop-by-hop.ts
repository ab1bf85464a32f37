/** Fields about the connection that a message came over, which are not passed on (RFC 9110 §7.6.1). */
import { type Response, responseHeaderList } from "../response.ts";

/** Those of requests as well: the platform's `fetch` refuses to send them. */
export const hopByHop: ReadonlySet<string> = new Set([
  "connection",
  "expect",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Takes them off a response of ours, as they are left out of the platform's: frameworks name `transfer-encoding: chunked` for
 * hosts that have to be told. `connection: close` stays, which is for the application to say.
 */
export function dropHopByHop(response: Response): void {
  const list = responseHeaderList(response);
  for (let i = 0; i < list.length; i += 2) {
    if (!hopByHop.has(list[i] as string)) continue;
    const { headers } = response;
    const closes = headers.get("connection")?.toLowerCase() === "close";
    for (const name of hopByHop) if (name !== "connection" || !closes) headers.delete(name);
    return;
  }
}
