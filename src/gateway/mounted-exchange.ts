/** An exchange as an application sees it that is mounted under a path of another: the same, but for the path that was cut off. */
import type { Exchange, HeaderList, RequestBody, ResponseWriter } from "../http/exchange.ts";
import type { FieldSection } from "../http/field-section.ts";
import type { Endpoints, Transport } from "../net/transport/transport.ts";

export class MountedExchange implements Exchange {
  /** The target below the mount, its percent-encoding as sent. It begins with "/", also where nothing is left of the path. */
  readonly target: string;
  /**
   * The path that was cut off, by all mounts on the way: percent-encoding as sent, and no slash at its end. WSGI's `SCRIPT_NAME`
   * is this, decoded; Express's `req.baseUrl` is this.
   */
  readonly mountPath: string;
  readonly #outer: Exchange;

  /**
   * @param segments how many segments of the path are the mount's. In a path that a router has taken they are the same,
   *   encoded and decoded: it has no encoded slash, no empty segment and no dot segment.
   */
  constructor(outer: Exchange, segments: number) {
    const { target } = outer;
    const mark = target.indexOf("?");
    const pathEnd = mark < 0 ? target.length : mark;
    let at = 0;
    for (let i = 0; i < segments; i++) {
      const slash = target.indexOf("/", at + 1);
      at = slash < 0 || slash > pathEnd ? pathEnd : slash;
    }
    this.#outer = outer;
    this.target = at < pathEnd ? target.slice(at) : `/${target.slice(at)}`;
    this.mountPath = mountPathOf(outer) + target.slice(0, at);
  }

  get method(): string {
    return this.#outer.method;
  }
  get httpVersion(): Exchange["httpVersion"] {
    return this.#outer.httpVersion;
  }
  get scheme(): Exchange["scheme"] {
    return this.#outer.scheme;
  }
  get authority(): string {
    return this.#outer.authority;
  }
  get headers(): FieldSection {
    return this.#outer.headers;
  }
  get body(): RequestBody | null {
    return this.#outer.body;
  }
  get connection(): Endpoints {
    return this.#outer.connection;
  }
  get signal(): AbortSignal {
    return this.#outer.signal;
  }
  get started(): boolean {
    return this.#outer.started;
  }
  get closed(): boolean {
    return this.#outer.closed;
  }
  get upgradeOffer(): string | null {
    return this.#outer.upgradeOffer;
  }

  respond(status: number, headers: HeaderList, body: string | Uint8Array | null): void {
    this.#outer.respond(status, headers, body);
  }
  start(status: number, headers: HeaderList): ResponseWriter {
    return this.#outer.start(status, headers);
  }
  upgrade(protocol: string, headers: HeaderList): Transport {
    return this.#outer.upgrade(protocol, headers);
  }
  inform(status: number, headers: HeaderList): void {
    this.#outer.inform(status, headers);
  }
  abort(): void {
    this.#outer.abort();
  }
}

/**
 * The path that an exchange's target lacks, because its application is mounted there: `MountedExchange.mountPath`,
 * whoever has wrapped the exchange and hands it on; "" for all others.
 */
export function mountPathOf(exchange: Exchange): string {
  const { mountPath } = exchange as Partial<Pick<MountedExchange, "mountPath">>;
  return mountPath ?? "";
}
