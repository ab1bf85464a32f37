/** An exchange whose answer becomes a `Response` of ours, for those who look at an application's answers on their way out. */
import type { ReadableStreamDefaultController } from "node:stream/web";
import type { Exchange, HeaderList, RequestBody } from "../http/exchange.ts";
import type { FieldSection } from "../http/field-section.ts";
import type { Endpoints, Transport } from "../net/transport/transport.ts";
import type { Application } from "./application.ts";
import { CheckedExchange } from "./checked-exchange.ts";
import { Headers } from "./headers.ts";
import { mountPathOf } from "./mounted-exchange.ts";
import { toBytes } from "./readable-stream.ts";
import { Response } from "./response.ts";

/** Bytes that may wait to be sent before the writer is asked to wait. */
const HIGH_WATER_MARK = 64 * 1024;

/**
 * Has an application answer an exchange, and gives its answer, once it is begun. A body that follows piece by piece is the response's
 * stream, which is filled no faster than it is sent. Trailers are lost: a `Response` has no place for them.
 * @returns undefined where nothing is to be sent: the application has taken the connection over or cut it, or the client has gone
 * @throws what the application throws
 */
export function responseOf(application: Application, exchange: Exchange): Promise<Response | undefined> {
  return new Promise((resolve, reject) => {
    const captured = new ResponseExchange(exchange, resolve);
    try {
      const answering = application.handleExchange(captured);
      if (answering !== undefined) answering.then(undefined, reject);
    } catch (error) {
      reject(error);
    }
  });
}

class ResponseExchange extends CheckedExchange {
  readonly mountPath: string;
  readonly #outer: Exchange;
  #resolve: ((response: Response | undefined) => void) | undefined;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #taken: Promise<void> | undefined;
  #onTaken: (() => void) | undefined;
  #upgraded = false;
  #watching = false;

  constructor(outer: Exchange, resolve: (response: Response | undefined) => void) {
    super();
    this.#outer = outer;
    this.#resolve = resolve;
    this.mountPath = mountPathOf(outer);
  }

  get method(): string {
    return this.#outer.method;
  }
  get target(): string {
    return this.#outer.target;
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
  override get started(): boolean {
    return this.#upgraded || super.started;
  }
  override get upgradeOffer(): null {
    // The base class has none to give; this one has its outer exchange's.
    return this.#outer.upgradeOffer as null;
  }

  override upgrade(...[protocol, headers]: Parameters<Exchange["upgrade"]> | []): Transport {
    if (super.started || protocol === undefined || headers === undefined) return super.upgrade();
    const transport = this.#outer.upgrade(protocol, headers);
    this.#upgraded = true;
    this.#give(undefined);
    return transport;
  }

  // What `CheckedExchange` asks for.

  override watchClient(): void {
    if (this.#watching) return;
    this.#watching = true;
    const { signal } = this.#outer;
    if (this.#outer.closed) this.lose();
    else signal.addEventListener("abort", () => this.lose(), { once: true });
  }

  sendWhole(
    status: number,
    headers: HeaderList,
    body: string | Uint8Array | null,
    contentLength: number,
  ): void {
    // The length of a body that is there is told by whoever sends it.
    const fields =
      body === null && contentLength > 0 ? [...headers, "content-length", String(contentLength)] : headers;
    this.#give(newResponse(body, status, fields));
  }

  sendHead(status: number, headers: HeaderList, bodiless: boolean): void {
    this.#give(newResponse(bodiless ? null : this.#openStream(), status, headers));
  }

  sendPiece(piece: string | Uint8Array): Promise<void> | undefined {
    const controller = this.#controller as ReadableStreamDefaultController<Uint8Array>;
    // The writer may use its bytes again.
    controller.enqueue(typeof piece === "string" ? toBytes(piece) : Buffer.from(piece));
    if ((controller.desiredSize ?? 0) > 0) return undefined;
    return (this.#taken ??= new Promise((resolve) => {
      this.#onTaken = resolve;
    }));
  }

  sendEnd(): void {
    this.#controller?.close();
    this.#release();
  }

  sendInterim(status: number, headers: HeaderList): void {
    this.#outer.inform(status, headers);
  }

  cut(): void {
    this.#controller?.error(new DOMException("the application has cut the answer off", "AbortError"));
    if (this.#resolve !== undefined) this.#outer.abort();
    this.#give(undefined);
  }

  clientLost(): void {
    this.#release();
    this.#give(undefined);
  }

  #openStream(): globalThis.ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#release(),
        cancel: () => this.lose(),
      },
      { highWaterMark: HIGH_WATER_MARK, size: (piece) => piece?.byteLength ?? 0 },
    );
  }

  #give(response: Response | undefined): void {
    this.#resolve?.(response);
    this.#resolve = undefined;
  }

  #release(): void {
    this.#taken = undefined;
    this.#onTaken?.();
    this.#onTaken = undefined;
  }
}

function newResponse(
  body: string | Uint8Array | globalThis.ReadableStream<Uint8Array> | null,
  status: number,
  list: HeaderList,
): Response {
  const headers = new Headers();
  for (let i = 0; i < list.length; i += 2) headers.append(list[i] as string, list[i + 1] as string);
  // Of text without a type `Response` says that it is plain text, which nobody has said.
  const content = typeof body === "string" && !headers.has("content-type") ? toBytes(body) : body;
  return new Response(content as string | null, { status, headers });
}
