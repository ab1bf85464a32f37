/** A plugin that has browsers guard an app's pages. */
import type { Plugin } from "../scope.ts";
import { addLayer } from "./exchange-layer.ts";
import { guardHeaders, type SecurityHeadersOptions } from "./guard-headers.ts";
import { GuardedExchange } from "./guarded-exchange.ts";

/**
 * Adds to each answer of an app, mounts' and errors' included, the headers by which browsers guard pages, and takes `X-Powered-By` out.
 * A header that an answer has already stays as it is.
 *
 *     app.register(securityHeaders());
 *
 * @throws TypeError for a header that can't be sent, or that browsers would take for something else
 */
export function securityHeaders(options: SecurityHeadersOptions = {}): Plugin {
  const plain = guardHeaders(options, false);
  const secure = guardHeaders(options, true);
  return (scope) => {
    addLayer(scope, "securityHeaders()", "answer", (exchange) => {
      return new GuardedExchange(exchange, exchange.scheme === "https" ? secure : plain);
    });
  };
}
