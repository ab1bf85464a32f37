/** An exchange whose answer becomes a `Response` of ours, for those who look at an application's answers on their way out. */
import type { Exchange, HeaderList, RequestBody } from "../http/exchange.ts";
import type { FieldSection } from "../http/field-section.ts";
import { checkStatus } from "../http/response-head.ts";
import type { Endpoints, Transport } from "../net/transport/transport.ts";
import { AnswerStream } from "./answer-stream.ts";
import type { Application } from "./application.ts";
import { CheckedExchange } from "./checked-exchange.ts";
import { Headers } from "./headers.ts";
import { mountPathOf } from "./mount-path.ts";
import { toBytes } from "./readable-stream.ts";
import { Response } from "./response.ts";

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
  #stream: AnswerStream | undefined;
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
  override get upgradeOffer(): string | null {
    return this.#outer.upgradeOffer;
  }

  override upgrade(protocol: string, headers: HeaderList): Transport {
    if (super.started) return super.upgrade(protocol, headers);
    const transport = this.#outer.upgrade(protocol, headers);
    this.#upgraded = true;
    this.#give(undefined);
    return transport;
  }

  // What `CheckedExchange` asks for.

  /** A `Response` has no other status. */
  override checkStatusLine(status: number, reason: string | undefined): void {
    checkStatus(status);
    super.checkStatusLine(status, reason);
  }

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
    if (!bodiless) this.#stream = new AnswerStream(() => this.lose());
    this.#give(newResponse(this.#stream?.stream ?? null, status, headers));
  }

  sendPiece(piece: string | Uint8Array): Promise<void> | undefined {
    // The writer may use its bytes again.
    const bytes = typeof piece === "string" ? toBytes(piece) : Buffer.from(piece);
    return (this.#stream as AnswerStream).write(bytes);
  }

  sendEnd(): void {
    this.#stream?.end();
  }

  sendInterim(status: number, headers: HeaderList): void {
    this.#outer.inform(status, headers);
  }

  cut(): void {
    this.#stream?.fail();
    if (this.#resolve !== undefined) this.#outer.abort();
    this.#give(undefined);
  }

  clientLost(): void {
    this.#stream?.release();
    this.#give(undefined);
  }

  #give(response: Response | undefined): void {
    this.#resolve?.(response);
    this.#resolve = undefined;
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
