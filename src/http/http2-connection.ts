/**
 * One HTTP/2 connection (RFC 9113), over `node:http2`: gives each stream to the handler as an exchange. Framing, HPACK and
 * flow control are nghttp2's; the deadlines, and the bounds on what a client can make us do for nothing, are here.
 */
import {
  constants,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type ServerSessionOptions,
} from "node:http2";
import type { Duplex } from "node:stream";
import { clock } from "../net/clock.ts";
import { UNREGISTERED } from "../net/registry.ts";
import type { SocketTransport } from "../net/transport/socket-transport.ts";
import type { Endpoints } from "../net/transport/transport.ts";
import { RequestError } from "./errors.ts";
import type { ConnectionHost } from "./http1-connection.ts";
import { Http2Exchange, type Http2ExchangeConnection } from "./http2-exchange.ts";
import { type Http2RequestHead, readRequestHead } from "./http2-request-head.ts";
import type { HttpLimits } from "./limits.ts";
import type { ServedConnection } from "./served-connection.ts";

const { NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_FLAG_END_STREAM, NGHTTP2_NO_ERROR } = constants;

/** What a connection needs of its server. */
export interface Http2Host extends Omit<ConnectionHost, "onClosed"> {
  onClosed(connection: Http2Connection): void;
}

/** How long we wait, after the last answer and our FIN, for the client's. */
const LINGER_MILLISECONDS = 5000;
/** Bytes that open the window of the whole connection: what is held, is held stream by stream. */
const CONNECTION_WINDOW = 1024 * 1024;
/** The most bytes of header fields in an answer. */
const MAX_ANSWER_HEAD_BYTES = 1024 * 1024;
/** Lines of one Cookie field, which a client may send apart. */
const MAX_COOKIE_LINES = 200;
/** The overhead of a header field in the size of a header list (RFC 9113 §6.5.2). */
const FIELD_OVERHEAD = 32;
/**
 * Bytes on the wire that a byte of request or answer justifies. Beyond that, a client may send FREE_BYTES_A_SECOND, and
 * FREE_BYTES at once: PING, SETTINGS, WINDOW_UPDATE, PRIORITY and RST_STREAM frames, empty ones, unknown ones.
 */
const JUSTIFIED_RATIO = 8;
const FREE_BYTES_A_SECOND = 16 * 1024;
const FREE_BYTES = 256 * 1024;
/** Streams that a client may reset in each second, and at once: twice as many as may be open. */
const RESETS_A_SECOND = 33;

const NEVER = Number.POSITIVE_INFINITY;

export class Http2Connection implements ServedConnection, Http2ExchangeConnection {
  place: number = UNREGISTERED;
  readonly endpoints: Endpoints;
  readonly limits: HttpLimits;
  readonly #host: Http2Host;
  readonly #socket: Duplex & { readonly bytesRead?: number };
  readonly #session: ServerHttp2Session;
  readonly #open: Set<Http2Exchange> = new Set();
  /** Handlers that are still under way for clients that have gone. */
  #abandoned = 0;
  #requests = 0;
  #deadline: number;
  /** Bytes of requests and answers: heads, content of closed streams, and what was sent. */
  #usefulBytes = 0;
  /** Bytes on the wire beyond what those justify, of late. */
  #idleBytes = 0;
  #countedUseful = 0;
  #countedRead = 0;
  #countedAt = clock.now;

  /** @param transport of a TLS connection that has agreed on `h2`; not started */
  constructor(transport: SocketTransport, host: Http2Host) {
    this.endpoints = transport;
    this.limits = host.limits;
    this.#host = host;
    this.#socket = transport.detach();
    this.#deadline = clock.after(host.limits.firstByteTimeout);
    this.#session = performServerHandshake(this.#socket, sessionOptions(host.limits));
  }

  /** Begins to take requests. */
  start(): void {
    const session = this.#session;
    // What the client does wrong ends the session, and is no news.
    session.on("error", ignore);
    session.on("stream", (stream, _headers, flags, raw: string[]) => this.#onStream(stream, flags, raw));
    session.on("connect", () => {
      if (!session.destroyed) session.setLocalWindowSize(CONNECTION_WINDOW);
    });
    // Without a sending side of its own, a client can take no answer: it could open no window.
    this.#socket.once("end", () => this.destroy());
    if (this.#socket.closed) process.nextTick(() => this.#closed());
    else this.#socket.once("close", () => this.#closed());
  }

  // What the clock calls.

  tick(now: number): void {
    for (const exchange of this.#open) exchange.tick(now);
    if (this.#isFlooded(now)) this.#enhanceCalm();
    if (this.#open.size > 0) return;
    if (this.#session.closed || this.#session.destroyed) {
      // GOAWAY was sent or received, and nothing is left to answer.
      if (this.#deadline === NEVER) this.#deadline = clock.after(LINGER_MILLISECONDS);
      else if (now >= this.#deadline) this.destroy();
    } else if (now >= this.#deadline) {
      this.endIfIdle();
    }
  }

  // What an exchange calls.

  noteSent(bytes: number): void {
    this.#usefulBytes += bytes;
  }

  exchangeLost(exchange: Http2Exchange): void {
    if (!exchange.handling) return;
    this.#abandoned++;
    // As many may be open besides; for nghttp2 those that were reset are no longer among them (CVE-2023-44487).
    if (this.#abandoned > this.limits.maxConcurrentStreams) this.#enhanceCalm();
  }

  streamClosed(exchange: Http2Exchange): void {
    this.#open.delete(exchange);
    this.#usefulBytes += exchange.receivedBytes;
    if (this.#open.size === 0 && !this.#session.closed) {
      this.#deadline = clock.after(this.limits.keepAliveTimeout);
    }
  }

  // What the server calls.

  /** Tells the client to open no further streams (GOAWAY), and ends the connection once those that are open are answered. */
  endIfIdle(): void {
    this.#deadline = NEVER;
    this.#session.close();
  }

  destroy(): void {
    this.#session.destroy();
    this.#socket.destroy();
  }

  #onStream(stream: ServerHttp2Stream, flags: number, raw: readonly string[]): void {
    stream.on("error", ignore);
    for (let i = 0; i < raw.length; i++) this.#usefulBytes += (raw[i] as string).length;
    // Reset before anybody has seen it.
    if (stream.closed || stream.destroyed) return;
    const { limits } = this;
    const ended = (flags & NGHTTP2_FLAG_END_STREAM) !== 0;
    let head: Http2RequestHead;
    try {
      head = readRequestHead(raw, ended, limits);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      refuse(stream, error, ended);
      return;
    }
    const exchange = new Http2Exchange(this, stream, head, ended);
    this.#open.add(exchange);
    this.#requests++;
    this.#handle(exchange);
    if (limits.maxRequestsPerConnection > 0 && this.#requests >= limits.maxRequestsPerConnection) {
      this.endIfIdle();
    }
  }

  #handle(exchange: Http2Exchange): void {
    try {
      const result = this.#host.scope.run(this.#host.handler, exchange);
      if (result !== undefined) this.#watch(exchange, result);
    } catch (error) {
      this.#handlerFailed(error, exchange);
    }
  }

  #watch(exchange: Http2Exchange, result: Promise<void>): void {
    const settle = (): void => {
      exchange.handling = false;
      if (exchange.lost) this.#abandoned--;
    };
    exchange.handling = true;
    if (exchange.lost) this.exchangeLost(exchange);
    result.then(settle, (error: unknown) => {
      settle();
      this.#handlerFailed(error, exchange);
    });
  }

  #handlerFailed(error: unknown, exchange: Http2Exchange): void {
    this.#host.onError(error, exchange);
    if (!exchange.started) exchange.respond(500, plainText, "Internal Server Error\n");
    else exchange.abort();
  }

  /** Whether the client has us read too much that serves no request. */
  #isFlooded(now: number): boolean {
    let useful = this.#usefulBytes;
    for (const exchange of this.#open) useful += exchange.receivedBytes;
    const read = this.#socket.bytesRead ?? 0;
    const excess = read - this.#countedRead - JUSTIFIED_RATIO * (useful - this.#countedUseful);
    const free = (FREE_BYTES_A_SECOND * (now - this.#countedAt)) / 1000;
    this.#idleBytes = Math.max(0, this.#idleBytes + excess - free);
    this.#countedRead = read;
    this.#countedUseful = useful;
    this.#countedAt = now;
    return this.#idleBytes > FREE_BYTES;
  }

  #enhanceCalm(): void {
    this.#deadline = NEVER;
    this.#session.destroy(new Error("the client asks for too much"), NGHTTP2_ENHANCE_YOUR_CALM);
  }

  #closed(): void {
    this.#host.onClosed(this);
  }
}

const plainText = ["content-type", "text/plain;charset=UTF-8"] as const;

function sessionOptions(limits: HttpLimits): ServerSessionOptions {
  const { maxConcurrentStreams, maxHeaderCount, maxHeaderBytes, maxRequestLineBytes } = limits;
  // What is larger than the limits is answered with 414 or 431; what is larger than this, with a reset.
  const fields = maxHeaderCount + MAX_COOKIE_LINES;
  return {
    settings: {
      maxConcurrentStreams,
      initialWindowSize: limits.streamWindowBytes,
      maxHeaderListSize: 2 * (maxRequestLineBytes + maxHeaderBytes) + fields * FIELD_OVERHEAD,
    },
    maxHeaderListPairs: 2 * fields,
    maxSendHeaderBlockLength: MAX_ANSWER_HEAD_BYTES,
    streamResetBurst: 2 * maxConcurrentStreams,
    streamResetRate: RESETS_A_SECOND,
  };
}

/** Answers what is no request with its status. */
function refuse(stream: ServerHttp2Stream, error: RequestError, ended: boolean): void {
  const text = `${error.message}\n`;
  const fields = { "content-type": "text/plain;charset=UTF-8", "content-length": text.length };
  stream.respond({ ":status": error.status, ...fields });
  // Which it has where there may be no body.
  if (!stream.writableEnded) stream.end(text);
  // Its content, if any, is not read.
  if (!ended) stream.close(NGHTTP2_NO_ERROR);
}

function ignore(): void {}
