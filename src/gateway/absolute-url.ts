/** The URL of a request. */
import { RequestError } from "../http/errors.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Endpoints } from "../net/transport/transport.ts";

/** What the URL standard's serializer leaves as it is, in a path and in a query. Dot segments, encoded or not, are resolved by it. */
const plainTarget = /^(?:\/(?![.%])|[!$&(-.0-;=?-Z_a-z~%])*$/;
/** The last origin that was found to be as the serializer would have it: a server is asked by few names. */
let serializedOrigin = "";

/**
 * The absolute URL of a request, as the URL standard serializes it.
 * Without an authority (HTTP/1.0) it names the address that the client has connected to.
 * @throws RequestError 400 for a host that the URL standard refuses.
 */
export function absoluteUrl(exchange: Exchange): string {
  const target = exchange.target;
  const authority = exchange.authority === "" ? localAuthority(exchange.connection) : exchange.authority;
  const origin = `${exchange.scheme}://${authority}`;
  const url = origin + (target === "*" ? "/" : target);
  if (origin === serializedOrigin && plainTarget.test(target)) return url;
  try {
    if (new URL(origin).href === `${origin}/`) serializedOrigin = origin;
    return new URL(url).href;
  } catch {
    throw new RequestError(400, "bad-host", `${JSON.stringify(authority)} is no host that a URL can name`);
  }
}

function localAuthority({ localAddress, localPort }: Endpoints): string {
  if (localAddress === undefined || localAddress.includes("%")) return "localhost";
  return `${localAddress.includes(":") ? `[${localAddress}]` : localAddress}:${localPort}`;
}
