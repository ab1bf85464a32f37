/** The HTTP server: listeners below, a handler above, and every connection between. */
import type { Address } from "../net/address.ts";
import { clock, type Ticking } from "../net/clock.ts";
import { Listener, type ListenerOptions, type ListenTarget } from "../net/listener/listener.ts";
import { Registry, UNREGISTERED } from "../net/registry.ts";
import { SocketTransport } from "../net/transport/socket-transport.ts";
import type { Transport } from "../net/transport/transport.ts";
import type { Exchange, ExchangeHandler } from "./exchange.ts";
import { type ConnectionHost, Http1Connection } from "./http1-connection.ts";
import type { Http2Connection } from "./http2-connection.ts";
import { defaultLimits, type HttpLimits } from "./limits.ts";
import { RequestScope } from "./request-scope.ts";
import type { ServedConnection } from "./served-connection.ts";

export interface HttpServerOptions {
  /** Size and time limits that differ from the defaults. */
  readonly limits?: Partial<HttpLimits>;
  /**
   * Whether HTTP/2 is spoken with clients that ask for it over TLS (ALPN `h2`). Default true. What is offered can
   * be set for each listener as well, by `tls.alpnProtocols`.
   */
  readonly http2?: boolean;
  /**
   * Told of what the handler threw (its exchange is answered with 500, or cut when the answer
   * was begun already). Default: `console.error`.
   */
  readonly onError?: (error: unknown, exchange: Exchange) => void;
}

/** What became of the connections when a server closed. */
export interface CloseReport {
  /** Connections that ended by themselves. */
  readonly finished: number;
  /** Connections that were cut at the deadline. */
  readonly aborted: number;
}

export interface CloseOptions {
  /** Milliseconds after which what is still open is cut. Default 10 s. */
  readonly deadline?: number;
  /**
   * Milliseconds for which idle connections are still listened to: a request that was on its way already is answered,
   * with `Connection: close`, and not met by a closed socket. Longer is kinder to clients that hold many connections, such
   * as load balancers. Default 100 ms.
   */
  readonly idleGrace?: number;
}

/**
 * An HTTP server.
 *
 *     const server = new HttpServer((exchange) => exchange.respond(200, [], "hello\n"));
 *     await server.listen({ kind: "tcp", host: "127.0.0.1", port: 8000 });
 */
export class HttpServer implements AsyncDisposable {
  readonly #host: ServerHost;
  readonly #speaksHttp2: boolean;
  readonly #listeners: Listener[] = [];
  #http2: typeof import("./http2-connection.ts") | undefined;
  #closing: Promise<CloseReport> | undefined;

  constructor(handler: ExchangeHandler, options: HttpServerOptions = {}) {
    this.#host = new ServerHost(
      handler,
      Object.freeze({ ...defaultLimits, ...options.limits }),
      options.onError ?? logError,
    );
    this.#speaksHttp2 = options.http2 ?? true;
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#host.connections.size;
  }

  /**
   * Starts listening; may be called for several addresses. Resolves to the address with the port that the system chose.
   * Rejects with the system's error (`EADDRINUSE`, `EACCES`, …).
   */
  async listen(target: ListenTarget | string, options: ListenerOptions = {}): Promise<Address> {
    const { tls } = options;
    const alpnProtocols = tls?.alpnProtocols ?? (this.#speaksHttp2 ? ["h2", "http/1.1"] : ["http/1.1"]);
    if (tls !== undefined && alpnProtocols.includes("h2")) await this.#loadHttp2();
    const listener = await Listener.open(
      target,
      (transport) => this.serve(transport),
      tls === undefined ? options : { ...options, tls: { ...tls, alpnProtocols } },
    );
    this.#listeners.push(listener);
    return listener.address;
  }

  /** Speaks HTTP on a connection that came from elsewhere. */
  serve(transport: Transport): void {
    this.#host.expectConnection();
    if (this.#speaksHttp2 && transport.tls?.alpn === "h2" && transport instanceof SocketTransport) {
      if (this.#http2 === undefined) void this.#loadHttp2().then(() => this.serve(transport));
      else this.#start(new this.#http2.Http2Connection(transport, this.#host));
    } else {
      this.#start(new Http1Connection(transport, this.#host));
    }
  }

  #start(connection: Http1Connection | Http2Connection): void {
    this.#host.connections.add(connection);
    connection.start();
  }

  /** Only where it is needed: node:http2 takes time and memory that a server without TLS has no use for. */
  async #loadHttp2(): Promise<void> {
    this.#http2 ??= await import("./http2-connection.ts");
  }

  /**
   * Stops gracefully: no more connections are accepted, what is being answered is finished, idle connections end.
   */
  close(options: CloseOptions = {}): Promise<CloseReport> {
    this.#closing ??= this.#close(options.deadline ?? 10_000, options.idleGrace ?? 100);
    return this.#closing;
  }

  /** As `close`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(deadline: number, idleGrace: number): Promise<CloseReport> {
    const host = this.#host;
    const open = host.connections.size;
    for (const listener of this.#listeners) listener.close();
    host.draining = true;
    if (open === 0) return { finished: 0, aborted: 0 };
    await host.emptied(Math.min(deadline, idleGrace));
    for (const connection of host.connections) connection.endIfIdle();
    await host.emptied(Math.max(0, deadline - idleGrace));
    const aborted = host.connections.size;
    for (const connection of host.connections) connection.destroy();
    await host.emptied(Number.POSITIVE_INFINITY);
    return { finished: open - aborted, aborted };
  }
}

/** The server as its connections see it. */
class ServerHost implements ConnectionHost, Ticking {
  place: number = UNREGISTERED;
  readonly handler: ExchangeHandler;
  readonly scope: RequestScope = new RequestScope();
  readonly limits: HttpLimits;
  readonly onError: (error: unknown, exchange: Exchange) => void;
  readonly connections: Registry<ServedConnection> = new Registry();
  draining = false;
  #onEmpty: (() => void) | undefined;

  constructor(
    handler: ExchangeHandler,
    limits: HttpLimits,
    onError: (error: unknown, exchange: Exchange) => void,
  ) {
    this.handler = handler;
    this.limits = limits;
    this.onError = onError;
  }

  /** A connection is about to be made, and to reckon with the clock. */
  expectConnection(): void {
    if (this.connections.size === 0) clock.watch(this);
  }

  /** What the clock calls: one look at all of them. */
  tick(now: number): void {
    for (const connection of this.connections) connection.tick(now);
  }

  onClosed(connection: ServedConnection): void {
    this.connections.delete(connection);
    if (this.connections.size > 0) return;
    clock.unwatch(this);
    this.#onEmpty?.();
  }

  /** Resolves when no connection is left, and at the latest after some milliseconds. */
  async emptied(milliseconds: number): Promise<void> {
    if (this.connections.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = milliseconds === Number.POSITIVE_INFINITY ? undefined : setTimeout(resolve, milliseconds);
      this.#onEmpty = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#onEmpty = undefined;
  }
}

function logError(error: unknown, exchange: Exchange): void {
  // The target is the client's: as an argument, for it may have what the format knows.
  console.error("error while answering %s %s:", exchange.method, exchange.target, error);
}
