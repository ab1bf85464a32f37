/** A plugin for apps behind proxies. */
import type { Plugin } from "../scope.ts";
import { addLayer } from "../security/exchange-layer.ts";
import { ProxiedExchange } from "./proxied-exchange.ts";
import { Proxies, type ProxyOptions } from "./proxies.ts";

/**
 * Believes what proxies tell of the client: its address (`request.ip`), the scheme that it has used (`request.url`), and, if that is
 * asked for, the host.
 *
 *     app.register(trustProxies(["loopback", "10.0.0.0/8"]));
 *
 * It holds for everything in the app, for hooks that were registered before and for mounts as well.
 * @param networks the proxies: addresses (`192.0.2.1`), networks (`10.0.0.0/8`), `loopback`, `private` (RFC 1918 and RFC 4193) or
 *   `unix:`, for those connected over a Unix socket
 * @throws OptionError for an entry that is none of these
 */
export function trustProxies(networks: readonly string[], options: ProxyOptions = {}): Plugin {
  const proxies = new Proxies(networks, options);
  // Not a hook: whatever looks at the exchange, the router first, has to see the client.
  return (scope) => {
    addLayer(scope, "trustProxies()", "client", (exchange) => new ProxiedExchange(exchange, proxies));
  };
}
