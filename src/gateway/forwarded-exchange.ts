/** An exchange that hands everything on to another one: for those that change only a part of it. */
import type {
  ConnectionControl,
  Exchange,
  HeaderList,
  RequestBody,
  ResponseWriter,
} from "../http/exchange.ts";
import type { FieldSection } from "../http/field-section.ts";
import type { Endpoints, Transport } from "../net/transport/transport.ts";
import { mountPathOf } from "./mount-path.ts";

export abstract class ForwardedExchange implements Exchange {
  protected readonly outer: Exchange;

  constructor(outer: Exchange) {
    this.outer = outer;
  }

  /** See `mountPathOf`. */
  get mountPath(): string {
    return mountPathOf(this.outer);
  }
  get method(): string {
    return this.outer.method;
  }
  get target(): string {
    return this.outer.target;
  }
  get httpVersion(): Exchange["httpVersion"] {
    return this.outer.httpVersion;
  }
  get scheme(): Exchange["scheme"] {
    return this.outer.scheme;
  }
  get authority(): string {
    return this.outer.authority;
  }
  get headers(): FieldSection {
    return this.outer.headers;
  }
  get body(): RequestBody | null {
    return this.outer.body;
  }
  get connection(): Endpoints {
    return this.outer.connection;
  }
  get signal(): AbortSignal {
    return this.outer.signal;
  }
  get started(): boolean {
    return this.outer.started;
  }
  get closed(): boolean {
    return this.outer.closed;
  }
  get connectionControl(): ConnectionControl | undefined {
    return this.outer.connectionControl;
  }
  get upgradeOffer(): string | null {
    return this.outer.upgradeOffer;
  }

  respond(status: number, headers: HeaderList, body: string | Uint8Array | null, reason?: string): void {
    this.outer.respond(status, headers, body, reason);
  }
  start(status: number, headers: HeaderList, reason?: string): ResponseWriter {
    return this.outer.start(status, headers, reason);
  }
  upgrade(protocol: string, headers: HeaderList): Transport {
    return this.outer.upgrade(protocol, headers);
  }
  inform(status: number, headers: HeaderList): void {
    this.outer.inform(status, headers);
  }
  abort(): void {
    this.outer.abort();
  }
}
