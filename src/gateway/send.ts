/** Sends what an application answers with, a `Response` or a stream of pieces, on an exchange. */
import type { ReadableStream } from "node:stream/web";
import { ExchangeError } from "../http/errors.ts";
import type { Exchange, HeaderList, ResponseWriter } from "../http/exchange.ts";
import { type BodySource, isBlob, takeSource } from "./body.ts";
import { isAsyncIterable, isReadableStream, toBytes } from "./readable-stream.ts";
import { isResponse, type Response, responseHeaderList } from "./response.ts";

/** What a `Response` of another make must have to be sent: the platform's has it, of whatever realm. */
export interface ForeignResponse {
  readonly status: number;
  readonly headers: Iterable<readonly [name: string, value: string]>;
  readonly body: AsyncIterable<unknown> | null;
  readonly bodyUsed: boolean;
}

/** Fields about the connection that a response came over, which may be `fetch`'s: not to be passed on (RFC 9110 §7.6.1). */
const hopByHop: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Whether a value is a `Response` of another make, told by its shape. */
export function isForeignResponse(value: object): value is ForeignResponse {
  if (Object.prototype.toString.call(value) !== "[object Response]") return false;
  const { status, headers, body } = value as Partial<ForeignResponse>;
  return (
    typeof status === "number" &&
    typeof headers?.[Symbol.iterator] === "function" &&
    (body === null || isAsyncIterable(body) || isReadableStream(body))
  );
}

/**
 * Sends a response. One with text, bytes or no body goes out before this returns; of one with a stream the
 * promise tells the end. A stream is read no faster than the client takes it, and is cancelled when the client
 * goes away, which is no error. When it fails, the exchange is aborted, so that the client sees a broken answer
 * and not a short one, and the promise is rejected with the stream's error.
 * @throws TypeError for a response that was sent or read before, or is `Response.error()`.
 */
export function sendResponse(
  exchange: Exchange,
  response: Response | ForeignResponse,
): Promise<void> | undefined {
  if (response.status === 0)
    throw new TypeError("Response.error() can't be sent: it stands for a network error");
  if (isResponse(response)) {
    return sendSource(exchange, response.status, responseHeaderList(response), takeSource(response));
  }
  if (response.bodyUsed)
    throw new TypeError("the response's body was read already: a response can be sent once");
  const headers: string[] = [];
  for (const [name, value] of response.headers) {
    if (!hopByHop.has(name)) headers.push(name, value);
  }
  return sendSource(exchange, response.status, headers, response.body as BodySource);
}

function sendSource(
  exchange: Exchange,
  status: number,
  headers: HeaderList,
  source: BodySource,
): Promise<void> | undefined {
  if (source === null || typeof source === "string" || source instanceof Uint8Array) {
    exchange.respond(status, headers, source);
    return undefined;
  }
  const pieces = isBlob(source) ? source.stream() : source;
  const fields = isBlob(source) ? [...headers, "content-length", String(source.size)] : headers;
  const writer = exchange.start(status, fields);
  return pump(exchange, toPieces(pieces), () => writer);
}

/**
 * Answers 200 with pieces as they come, text as UTF-8. The answer begins with the first piece: what
 * fails before it can still be answered with an error. Else as `sendResponse`.
 */
export function sendPieces(
  exchange: Exchange,
  source: ReadableStream | AsyncIterable<unknown> | Iterable<unknown>,
  headersFor: (first: unknown) => HeaderList,
): Promise<void> {
  return pump(exchange, toPieces(source), (first) => exchange.start(200, headersFor(first)));
}

/** The two verbs that streams and iterators share. */
interface Pieces {
  next(): PromiseLike<IteratorResult<unknown, unknown>> | IteratorResult<unknown, unknown>;
  /** No more is wanted. */
  stop(reason: unknown): void;
}

function toPieces(source: ReadableStream | AsyncIterable<unknown> | Iterable<unknown>): Pieces {
  if (isReadableStream(source)) {
    const reader = source.getReader();
    return {
      next: () => reader.read() as Promise<IteratorResult<unknown, unknown>>,
      stop: (reason) => void reader.cancel(reason).catch(ignore),
    };
  }
  const iterator = isAsyncIterable(source) ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  return {
    next: () => iterator.next(),
    stop: () => {
      // Not waited for: a generator that hangs in an await of its own can't be made to return.
      Promise.resolve(iterator.return?.()).catch(ignore);
    },
  };
}

/** Sends the pieces with the writer that `begin` gives for the first of them. */
async function pump(
  exchange: Exchange,
  pieces: Pieces,
  begin: (first: unknown) => ResponseWriter,
): Promise<void> {
  const signal = exchange.signal;
  const stop = () => pieces.stop(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    // An answer to HEAD that is begun already needs no look at the pieces.
    let piece = exchange.method === "HEAD" && exchange.started ? nothing : await pieces.next();
    if (exchange.closed) return stop();
    const writer = begin(piece.value);
    while (piece.done !== true && exchange.method !== "HEAD") {
      const waiting = writer.write(typeof piece.value === "string" ? piece.value : toBytes(piece.value));
      if (waiting !== undefined) await waiting;
      if (exchange.closed) return stop();
      piece = await pieces.next();
      if (exchange.closed) return stop();
    }
    writer.end();
    if (exchange.method === "HEAD") stop();
  } catch (error) {
    pieces.stop(error);
    // Once the client has gone, failing is what the source was asked for. A breach of the contract never is.
    if (exchange.closed && !(error instanceof ExchangeError)) return;
    if (exchange.started) exchange.abort();
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

const nothing: IteratorResult<unknown, unknown> = { done: true, value: undefined };

function ignore(): void {}
