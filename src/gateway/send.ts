/** Sends what an application answers with, a `Response` or a stream of pieces, on an exchange. */
import type { ReadableStream } from "node:stream/web";
import { ExchangeError } from "../http/errors.ts";
import type { Exchange, HeaderList, ResponseWriter } from "../http/exchange.ts";
import { type BodySource, isBlob, takeSource } from "./body.ts";
import { type ForeignResponse, foreignHeaders, isForeignResponse } from "./foreign-response.ts";
import { isAsyncIterable, isReadableStream, toBytes } from "./readable-stream.ts";
import { isResponse, type Response, responseHeaderList } from "./response.ts";

export { type ForeignResponse, isForeignResponse };

/**
 * Sends a response. One with text, bytes or no body goes out before this returns; of one with a stream the
 * promise tells the end. A stream is read no faster than the client takes it, and is cancelled when the client
 * goes away, which is no error. When it fails, the promise is rejected with its error; if anything was sent by then
 * the exchange is aborted, so that the client sees a broken answer and not a short one.
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
  return sendSource(exchange, response.status, foreignHeaders(response), response.body as BodySource);
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
  if (isBlob(source)) {
    const writer = exchange.start(status, [...headers, "content-length", String(source.size)]);
    return pump(exchange, toPieces(source.stream()), () => writer);
  }
  const pieces = toPieces(source);
  if (exchange.closed || exchange.method === "HEAD") {
    const writer = exchange.start(status, headers);
    return pump(exchange, pieces, () => writer);
  }
  return sendStream(exchange, status, headers, pieces);
}

/**
 * Sends a stream. Text and bytes come as streams too, in a `Response` of the platform: they end behind their first
 * piece before any other event. Such an answer is sent whole, with its length. What isn't there by then comes later: the
 * answer is begun, with the first piece if there is one, and the rest is sent as it comes.
 */
function sendStream(exchange: Exchange, status: number, headers: HeaderList, pieces: Pieces): Promise<void> {
  return new Promise((resolve, reject) => {
    let first: string | Uint8Array | undefined;
    let next: PromiseLike<IteratorResult<unknown, unknown>>;
    /** Until it is decided how the answer is sent. */
    let open = true;
    const fail = (error: unknown): void => {
      if (!open) return;
      open = false;
      pieces.stop(error);
      reject(error);
    };
    const read = (): void => {
      next = Promise.resolve(pieces.next());
      next.then(take, fail);
    };
    const take = (piece: IteratorResult<unknown, unknown>): void => {
      if (!open) return;
      try {
        if (piece.done === true) {
          open = false;
          exchange.respond(status, headers, first ?? "");
          resolve();
        } else if (first === undefined) {
          first = toPiece(piece.value);
          read();
        } else {
          begin();
        }
      } catch (error) {
        open = true;
        fail(error);
      }
    };
    const begin = (): void => {
      if (!open) return;
      try {
        const writer = exchange.start(status, headers);
        const waiting = first === undefined ? undefined : writer.write(first);
        open = false;
        resolve(pump(exchange, pieces, () => writer, next, waiting));
      } catch (error) {
        fail(error);
      }
    };
    read();
    // A tick that is asked for in a microtask comes when all promises that are ready have been run.
    queueMicrotask(() => process.nextTick(begin));
  });
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

/**
 * Sends the pieces with the writer that `begin` gives for the first of them.
 * @param next a piece that was asked for already
 * @param waiting what is to be waited for before a piece is written
 */
async function pump(
  exchange: Exchange,
  pieces: Pieces,
  begin: (first: unknown) => ResponseWriter,
  next?: PromiseLike<IteratorResult<unknown, unknown>>,
  waiting?: Promise<void>,
): Promise<void> {
  const signal = exchange.signal;
  const stop = () => pieces.stop(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    // Gone before it began: the signal tells no more.
    if (exchange.closed) return stop();
    // An answer to HEAD that is begun already needs no look at the pieces.
    let piece = exchange.method === "HEAD" && exchange.started ? nothing : await (next ?? pieces.next());
    if (exchange.closed) return stop();
    const writer = begin(piece.value);
    while (piece.done !== true && exchange.method !== "HEAD") {
      if (waiting !== undefined) await waiting;
      if (exchange.closed) return stop();
      waiting = writer.write(toPiece(piece.value));
      if (waiting !== undefined) await waiting;
      if (exchange.closed) return stop();
      waiting = undefined;
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

function toPiece(value: unknown): string | Uint8Array {
  return typeof value === "string" ? value : toBytes(value);
}

const nothing: IteratorResult<unknown, unknown> = { done: true, value: undefined };

function ignore(): void {}
