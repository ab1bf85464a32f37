/** The URL of a request. */
import { RequestError } from "../http/errors.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Endpoints } from "../net/transport/transport.ts";

/** What the URL standard's serializer leaves as it is, in a path and in a query. Dot segments, encoded or not, are resolved by it. */
const plainTarget = /^(?:\/(?![.%])|[!$&(-.0-;=?-Z_a-z~%])*$/;
/** A host name that is none of its special cases (numbers, IDNA, default ports). */
const plainAuthority = /^(?!.*xn--)[a-z](?:[a-z0-9-]|\.(?=[a-z]))*(?::(?!80$|443$|0)[0-9]{1,5})?$/;

/**
 * The absolute URL of a request, as the URL standard serializes it.
 * Without an authority (HTTP/1.0) it names the address that the client has connected to.
 * @throws RequestError 400 for a host that the URL standard refuses.
 */
export function absoluteUrl(exchange: Exchange): string {
  const target = exchange.target;
  const authority = exchange.authority === "" ? localAuthority(exchange.connection) : exchange.authority;
  const url = `${exchange.scheme}://${authority}${target === "*" ? "/" : target}`;
  if (plainTarget.test(target) && plainAuthority.test(authority)) return url;
  try {
    return new URL(url).href;
  } catch {
    throw new RequestError(400, "bad-host", `${JSON.stringify(authority)} is no host that a URL can name`);
  }
}

function localAuthority({ localAddress, localPort }: Endpoints): string {
  if (localAddress === undefined || localAddress.includes("%")) return "localhost";
  return `${localAddress.includes(":") ? `[${localAddress}]` : localAddress}:${localPort}`;
}
