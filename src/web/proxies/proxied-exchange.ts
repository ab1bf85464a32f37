/** An exchange that came through proxies, as the client has begun it: with its address, scheme and host. */
import { ForwardedExchange } from "../../gateway/forwarded-exchange.ts";
import type { Exchange } from "../../http/exchange.ts";
import type { Endpoints } from "../../net/transport/transport.ts";
import type { ProxiedClient, Proxies } from "./proxies.ts";

export class ProxiedExchange extends ForwardedExchange {
  readonly #proxies: Proxies;
  /** Undefined until someone asks. */
  #client: ProxiedClient | null | undefined;
  #connection: Endpoints | undefined;

  constructor(outer: Exchange, proxies: Proxies) {
    super(outer);
    this.#proxies = proxies;
  }

  override get scheme(): Exchange["scheme"] {
    return this.#resolve()?.scheme ?? this.outer.scheme;
  }

  override get authority(): string {
    return (this.#proxies.host ? this.#resolve()?.host : undefined) ?? this.outer.authority;
  }

  override get connection(): Endpoints {
    return (this.#connection ??= this.#connect());
  }

  #connect(): Endpoints {
    const client = this.#resolve();
    const { connection } = this.outer;
    if (client === null) return connection;
    const { localAddress, localPort, tls, proxied } = connection;
    return {
      remoteAddress: client.address,
      remotePort: client.port,
      localAddress,
      localPort,
      // What a mount of another make takes the scheme from.
      encrypted: this.scheme === "https",
      tls,
      proxied,
    };
  }

  #resolve(): ProxiedClient | null {
    if (this.#client === undefined) this.#client = this.#proxies.clientOf(this.outer);
    return this.#client;
  }
}
