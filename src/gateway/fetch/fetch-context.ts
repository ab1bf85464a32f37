/** What a fetch application gets beside the request: all that a `Request` has no place for. */
import { isIPv6 } from "node:net";
import type { Exchange } from "../../http/exchange.ts";
import type { TlsFacts } from "../../net/transport/tls-facts.ts";
import type { Transport } from "../../net/transport/transport.ts";
import { type HeadersInit, toHeaderList } from "../headers.ts";
import type { BackgroundWork } from "./background-work.ts";

/**
 * The second argument of a fetch handler, and the third as well, so that it is what Hono calls `c.env` and
 * `c.executionCtx`, and Cloudflare's handlers `env` and `ctx`. Nothing of it is built before it is asked for.
 */
export class FetchContext {
  readonly #exchange: Exchange;
  readonly #work: BackgroundWork;
  #waitUntil: ((promise: unknown) => void) | undefined;

  constructor(exchange: Exchange, work: BackgroundWork) {
    this.#exchange = exchange;
    this.#work = work;
  }

  /** The client's IP address, or a proxy's that has not said whose request it passes on; undefined over a Unix socket. */
  get remoteAddress(): string | undefined {
    return this.#exchange.connection.remoteAddress;
  }

  get remotePort(): number | undefined {
    return this.#exchange.connection.remotePort;
  }

  get localAddress(): string | undefined {
    return this.#exchange.connection.localAddress;
  }

  get localPort(): number | undefined {
    return this.#exchange.connection.localPort;
  }

  /** What TLS has agreed on, the client's certificate included; undefined without TLS. */
  get tls(): TlsFacts | undefined {
    return this.#exchange.connection.tls;
  }

  get httpVersion(): Exchange["httpVersion"] {
    return this.#exchange.httpVersion;
  }

  /**
   * Lets work go on after the answer: a worker that stops waits for the promise. What it is rejected with
   * is told on standard error, and nothing more comes of it. It may be called apart from its context.
   */
  get waitUntil(): (promise: unknown) => void {
    return (this.#waitUntil ??= (promise) => {
      const { method, target } = this.#exchange;
      this.#work.add(promise, `${method} ${target}`);
    });
  }

  /** The protocols that the client would rather speak on this connection, or null. */
  get upgradeOffer(): string | null {
    return this.#exchange.upgradeOffer;
  }

  /**
   * Takes the connection over: answers 101 and gives the byte stream, which from then on is the caller's to end. What
   * the handler returns is then ignored.
   * @param protocol one of the offered, such as `websocket`
   * @throws ExchangeError if nothing of the kind was offered, or a header may not be sent
   */
  upgrade(protocol: string, headers: HeadersInit = {}): Transport {
    if (typeof protocol !== "string") {
      throw new TypeError("upgrade takes the protocol's name, such as websocket, and gives its byte stream");
    }
    return this.#exchange.upgrade(protocol, toHeaderList(headers));
  }

  /** Does nothing: Cloudflare's, where there is another server to pass a failed request on to. */
  passThroughOnException(): void {}

  /** Where applications for Bun look for the client's address. */
  requestIP(): { address: string; port: number; family: "IPv4" | "IPv6" } | null {
    const { remoteAddress, remotePort } = this;
    if (remoteAddress === undefined) return null;
    return { address: remoteAddress, port: remotePort ?? 0, family: familyOf(remoteAddress) };
  }

  /** Where applications for Deno look for the client's address. */
  get remoteAddr(): { transport: "tcp"; hostname: string; port: number } | undefined {
    const { remoteAddress, remotePort } = this;
    if (remoteAddress === undefined) return undefined;
    return { transport: "tcp", hostname: remoteAddress, port: remotePort ?? 0 };
  }

  /** Where applications for @hono/node-server look for the client's address, and its `getConnInfo` does. There is no more of it. */
  get incoming(): { readonly socket: SocketAddresses } {
    const { remoteAddress, remotePort, localAddress, localPort } = this;
    const remoteFamily = remoteAddress === undefined ? undefined : familyOf(remoteAddress);
    const { encrypted } = this.#exchange.connection;
    return { socket: { remoteAddress, remotePort, remoteFamily, localAddress, localPort, encrypted } };
  }
}

/** What of a Node socket says where its ends are. */
export interface SocketAddresses {
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  readonly remoteFamily: "IPv4" | "IPv6" | undefined;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly encrypted: boolean;
}

function familyOf(address: string): "IPv4" | "IPv6" {
  return isIPv6(address) ? "IPv6" : "IPv4";
}
