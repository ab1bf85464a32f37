/**
 * An `Exchange` without a socket: the request is given, the answer is kept. It keeps the contract's rules
 * (docs/gateway.md) as the engine does, so an application can be called, and tested, without a server.
 */
import type { Exchange, HeaderList, RequestBody } from "../http/exchange.ts";
import { FieldSection } from "../http/field-section.ts";
import { defaultLimits } from "../http/limits.ts";
import { parseOtherTarget } from "../http/target.ts";
import type { Endpoints } from "../net/transport/transport.ts";
import { CheckedExchange } from "./checked-exchange.ts";
import { type HeadersInit, toHeaderList } from "./headers.ts";
import { MemoryBody } from "./memory-body.ts";

export interface MemoryExchangeOptions {
  /** Default GET, or POST with a body. */
  readonly method?: string;
  readonly headers?: HeadersInit;
  /** What is announced by Content-Length, or, for an iterable, comes chunked. */
  readonly body?: string | Uint8Array | AsyncIterable<string | Uint8Array> | undefined;
  /** Default 1.1. */
  readonly httpVersion?: Exchange["httpVersion"];
  /** Default http. */
  readonly scheme?: Exchange["scheme"];
  /** Default: the `host` header, or localhost. */
  readonly authority?: string;
  /** Default: nothing known. */
  readonly connection?: Partial<Endpoints>;
  /** Default: the engine's, 1 MiB. */
  readonly maxBodyBytes?: number;
  /** Bytes that may wait to be taken (`take`) before the writer asks to wait. Default: no limit. */
  readonly highWaterMark?: number;
}

/** An interim answer that was sent. */
export interface InterimAnswer {
  readonly status: number;
  readonly headers: HeaderList;
}

/** Stands for the fields of an answer that was not begun. */
const unanswered: HeaderList = [];

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class MemoryExchange extends CheckedExchange {
  readonly method: string;
  readonly target: string;
  readonly httpVersion: Exchange["httpVersion"];
  readonly scheme: Exchange["scheme"];
  readonly authority: string;
  readonly headers: FieldSection;
  readonly body: RequestBody | null;
  readonly connection: Endpoints;

  /** Resolves when the answer is complete or cut, or the client has gone. */
  readonly finished: Promise<void>;

  #complete = false;
  #aborted = false;
  #status = 0;
  #reason: string | undefined;
  #responseHeaders: HeaderList = unanswered;
  #trailers: HeaderList = [];
  readonly #interim: InterimAnswer[] = [];
  #chunks: Uint8Array[] = [];
  #bufferedBytes = 0;
  readonly #highWaterMark: number;
  #taken: Promise<void> | undefined;
  #onTaken: (() => void) | undefined;
  #onFinished: () => void = () => {};

  /** @param target `/path?query`, an absolute URL, or `*` for OPTIONS */
  constructor(target: string, options: MemoryExchangeOptions = {}) {
    super();
    const { body } = options;
    const headers = toHeaderList(options.headers ?? {}).slice();
    this.method = options.method ?? (body === undefined ? "GET" : "POST");
    const absolute = target.startsWith("/") ? null : parseOtherTarget(this.method, target);
    this.target = absolute?.target ?? target;
    this.httpVersion = options.httpVersion ?? "1.1";
    this.scheme = options.scheme ?? "http";
    this.headers = FieldSection.fromList(headers);
    this.authority = options.authority ?? absolute?.authority ?? this.headers.get("host") ?? "localhost";
    this.connection = {
      remoteAddress: undefined,
      remotePort: undefined,
      localAddress: undefined,
      localPort: undefined,
      encrypted: this.scheme === "https",
      ...options.connection,
    };
    this.body =
      body === undefined ? null : new MemoryBody(body, options.maxBodyBytes ?? defaultLimits.maxBodyBytes);
    if (this.body?.length != null && !this.headers.has("content-length")) {
      headers.push("content-length", String(this.body.length));
    }
    this.#highWaterMark = options.highWaterMark ?? Number.POSITIVE_INFINITY;
    this.finished = new Promise((resolve) => {
      this.#onFinished = resolve;
    });
  }

  /** What the client does when it leaves: the signal is aborted, waiting writes go on, the rest is dropped. */
  disconnect(): void {
    this.lose();
  }

  /** The answer's status, or 0 before there is one. */
  get responseStatus(): number {
    return this.#status;
  }

  /** The reason phrase that the application has given itself, if it has. */
  get responseReason(): string | undefined {
    return this.#reason;
  }

  /** The answer's fields as they were given. */
  get responseHeaders(): HeaderList {
    return this.#responseHeaders;
  }

  /** The value of the first of the answer's fields of that lower-case name, or undefined. */
  responseHeader(name: string): string | undefined {
    const list = this.#responseHeaders;
    for (let i = 0; i < list.length; i += 2) {
      if ((list[i] as string).toLowerCase() === name) return list[i + 1];
    }
    return undefined;
  }

  /** Trailer fields, once the answer is complete. */
  get responseTrailers(): HeaderList {
    return this.#trailers;
  }

  get interimAnswers(): readonly InterimAnswer[] {
    return this.#interim;
  }

  /** Whether the whole answer was sent. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Whether the application has cut the connection. */
  get aborted(): boolean {
    return this.#aborted;
  }

  /** Takes the body's bytes so far, as a client that reads does: a writer that waits goes on. */
  take(): Uint8Array {
    const bytes = Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#bufferedBytes = 0;
    this.#release();
    return bytes;
  }

  /** As `take`, as text. */
  takeText(): string {
    return decoder.decode(this.take());
  }

  // What `CheckedExchange` asks for.

  /** @internal */
  sendWhole(
    status: number,
    headers: HeaderList,
    body: string | Uint8Array | null,
    _contentLength: number,
    reason: string | undefined,
  ): void {
    this.sendHead(status, headers, body === null, reason);
    if (body !== null) this.#keep(body);
    this.sendEnd([]);
  }

  /** @internal */
  sendHead(status: number, headers: HeaderList, _bodiless: boolean, reason: string | undefined): void {
    this.#status = status;
    this.#reason = reason;
    this.#responseHeaders = headers;
  }

  /** @internal */
  sendPiece(piece: string | Uint8Array): Promise<void> | undefined {
    this.#keep(piece);
    if (this.#bufferedBytes <= this.#highWaterMark) return undefined;
    return (this.#taken ??= new Promise((resolve) => {
      this.#onTaken = resolve;
    }));
  }

  /** @internal */
  sendEnd(trailers: HeaderList): void {
    this.#trailers = trailers;
    this.#complete = true;
    this.#release();
    this.#onFinished();
  }

  /** @internal */
  sendInterim(status: number, headers: HeaderList): void {
    this.#interim.push({ status, headers });
  }

  /** @internal */
  cut(): void {
    this.#aborted = true;
  }

  /** @internal */
  clientLost(): void {
    if (this.body instanceof MemoryBody) this.body.disconnect();
    this.#release();
    this.#onFinished();
  }

  #keep(chunk: string | Uint8Array): void {
    const bytes = typeof chunk === "string" ? encoder.encode(chunk) : Buffer.from(chunk);
    this.#chunks.push(bytes);
    this.#bufferedBytes += bytes.byteLength;
  }

  #release(): void {
    this.#taken = undefined;
    this.#onTaken?.();
    this.#onTaken = undefined;
  }
}
