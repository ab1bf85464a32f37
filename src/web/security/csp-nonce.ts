/** Nonces, by which a page's own scripts are told from those that someone else has put there. */
import { randomBytes } from "node:crypto";
import { exchangeOf } from "../../gateway/request.ts";
import type { Endpoints } from "../../net/transport/transport.ts";
import type { RequestKey } from "../context/request-local.ts";

/**
 * A text that nobody can guess, for the `nonce` attribute of a page's own `<script>` and `<style>`; the same in all of a request:
 *
 *     html`<script nonce="${cspNonce(request)}">start();</script>`
 *
 * The answer's Content-Security-Policy allows what has it. Such a page must not be cached.
 * @throws TypeError where the app has no `securityHeaders()`, and once the answer's head was sent: the policy has gone with it
 */
export function cspNonce(request: RequestKey): string {
  const exchange = exchangeOf(request);
  const { connection } = exchange;
  if (!(connection instanceof NonceConnection)) {
    throw new TypeError("cspNonce() needs a policy that allows it: app.register(securityHeaders())");
  }
  if (connection.nonce !== undefined) return connection.nonce;
  if (exchange.started) {
    throw new TypeError(
      "cspNonce() comes too late: the head of the answer, and the policy in it, were sent. Ask for it before the answer is begun",
    );
  }
  // 128 bits (CSP3 §7.1).
  connection.nonce = randomBytes(16).toString("base64");
  return connection.nonce;
}

/**
 * A connection as one exchange shows it, with a place for that one's nonce. Of all that an exchange has this is what everyone hands on
 * as it is who wraps one, so that an app finds the policy of the one that it is mounted in. (The fields are shared by requests that have
 * the same.)
 */
export class NonceConnection implements Endpoints {
  nonce: string | undefined;
  readonly #connection: Endpoints;

  constructor(connection: Endpoints) {
    this.#connection = connection;
  }

  get remoteAddress(): string | undefined {
    return this.#connection.remoteAddress;
  }
  get remotePort(): number | undefined {
    return this.#connection.remotePort;
  }
  get localAddress(): string | undefined {
    return this.#connection.localAddress;
  }
  get localPort(): number | undefined {
    return this.#connection.localPort;
  }
  get encrypted(): boolean {
    return this.#connection.encrypted;
  }
  get tls(): Endpoints["tls"] {
    return this.#connection.tls;
  }
  get proxied(): Endpoints["proxied"] {
    return this.#connection.proxied;
  }
}
