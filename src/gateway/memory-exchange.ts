/**
 * An `Exchange` without a socket: the request is given, the answer is kept. It keeps the contract's rules
 * (docs/exchange.md) as the engine does, so an application can be called, and tested, without a server.
 */
import { ExchangeError } from "../http/errors.ts";
import type { Exchange, HeaderList, RequestBody, ResponseWriter } from "../http/exchange.ts";
import { FieldSection } from "../http/field-section.ts";
import { defaultLimits } from "../http/limits.ts";
import { checkStatus, fieldLines, seen, trailerLines } from "../http/response-head.ts";
import { isBodiless } from "../http/status.ts";
import { parseOtherTarget } from "../http/target.ts";
import type { Endpoints, Transport } from "../net/transport/transport.ts";
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

export class MemoryExchange implements Exchange {
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

  #state: "waiting" | "answering" | "complete" | "aborted" | "disconnected" = "waiting";
  #status = 0;
  #responseHeaders: HeaderList = unanswered;
  #trailers: HeaderList = [];
  readonly #interim: InterimAnswer[] = [];
  #chunks: Uint8Array[] = [];
  #bufferedBytes = 0;
  readonly #highWaterMark: number;
  #taken: Promise<void> | undefined;
  #onTaken: (() => void) | undefined;
  #onFinished: () => void = () => {};
  #controller: AbortController | undefined;

  /** @param target `/path?query`, an absolute URL, or `*` for OPTIONS */
  constructor(target: string, options: MemoryExchangeOptions = {}) {
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

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#state === "disconnected") this.#controller.abort(clientGone());
    return this.#controller.signal;
  }

  /** Null: there is no connection that could be taken over. */
  get upgradeOffer(): null {
    return null;
  }

  /** @throws ExchangeError always */
  upgrade(): Transport {
    throw new ExchangeError("the client has offered no other protocol");
  }

  get started(): boolean {
    return this.#responseHeaders !== unanswered;
  }

  get closed(): boolean {
    return this.#state !== "waiting" && this.#state !== "answering";
  }

  respond(status: number, headers: HeaderList, body: string | Uint8Array | null): void {
    const announced = this.#check(status, headers);
    const length = body === null ? 0 : byteLength(body);
    if (
      announced >= 0 &&
      announced !== length &&
      !(body === null && (this.method === "HEAD" || status === 304))
    ) {
      throw new ExchangeError(`content-length announces ${announced} bytes, but the body has ${length}`);
    }
    this.#begin(status, headers);
    if (this.closed) return;
    if (body !== null && !this.#bodiless) this.#keep(body);
    this.#finish("complete");
  }

  start(status: number, headers: HeaderList): ResponseWriter {
    const length = this.#check(status, headers);
    this.#begin(status, headers);
    const announced = this.#bodiless ? -1 : length;
    let written = 0;
    let ended = false;
    return {
      write: (chunk) => {
        if (ended) throw new ExchangeError("write after end");
        if (this.#bodiless) return undefined;
        const total = written + byteLength(chunk);
        if (announced >= 0 && total > announced) {
          throw new ExchangeError(`${total} bytes were written where content-length announced ${announced}`);
        }
        written = total;
        if (this.closed) return undefined;
        this.#keep(chunk);
        if (this.#bufferedBytes <= this.#highWaterMark) return undefined;
        return (this.#taken ??= new Promise((resolve) => {
          this.#onTaken = resolve;
        }));
      },
      end: (trailers = []) => {
        if (ended) throw new ExchangeError("end was called twice");
        trailerLines(trailers);
        ended = true;
        if (this.closed) return;
        if (written < announced) {
          this.abort();
          throw new ExchangeError(
            `the answer ended after ${written} bytes where content-length announced ${announced}`,
          );
        }
        this.#trailers = trailers;
        this.#finish("complete");
      },
    };
  }

  inform(status: number, headers: HeaderList): void {
    if (this.started) throw new ExchangeError("an interim answer after the answer was begun");
    if (!Number.isInteger(status) || status < 102 || status > 199) {
      throw new ExchangeError(`an interim answer's status is an integer from 102 to 199, not ${status}`);
    }
    fieldLines(headers);
    if (this.httpVersion !== "1.0" && !this.closed) this.#interim.push({ status, headers });
  }

  abort(): void {
    if (!this.closed) this.#finish("aborted");
  }

  /** What the client does when it leaves: the signal is aborted, waiting writes go on, the rest is dropped. */
  disconnect(): void {
    if (this.closed) return;
    this.#finish("disconnected");
    this.#controller?.abort(clientGone());
    if (this.body instanceof MemoryBody) this.body.disconnect();
  }

  /** The answer's status, or 0 before there is one. */
  get responseStatus(): number {
    return this.#status;
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
    return this.#state === "complete";
  }

  /** Whether the application has cut the connection. */
  get aborted(): boolean {
    return this.#state === "aborted";
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

  /** Returns the announced content-length, or -1. */
  #check(status: number, headers: HeaderList): number {
    if (this.started) throw new ExchangeError(`the answer was begun already, with status ${this.#status}`);
    checkStatus(status);
    fieldLines(headers);
    return seen.contentLength;
  }

  #begin(status: number, headers: HeaderList): void {
    this.#status = status;
    this.#responseHeaders = headers;
    if (!this.closed) this.#state = "answering";
  }

  get #bodiless(): boolean {
    return this.method === "HEAD" || isBodiless(this.#status);
  }

  #keep(chunk: string | Uint8Array): void {
    const bytes = typeof chunk === "string" ? encoder.encode(chunk) : chunk.slice();
    this.#chunks.push(bytes);
    this.#bufferedBytes += bytes.byteLength;
  }

  #finish(state: "complete" | "aborted" | "disconnected"): void {
    this.#state = state;
    this.#release();
    this.#onFinished();
  }

  #release(): void {
    this.#taken = undefined;
    this.#onTaken?.();
    this.#onTaken = undefined;
  }
}

function clientGone(): DOMException {
  return new DOMException("the client has gone", "AbortError");
}

function byteLength(chunk: string | Uint8Array): number {
  return typeof chunk === "string" ? Buffer.byteLength(chunk) : chunk.byteLength;
}
