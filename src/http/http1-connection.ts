/**
 * One HTTP/1.1 connection: drives the parser over a transport, gives each request to the handler as an
 * exchange, one after the other, and sends the answers.
 *
 * Pipelined requests wait in the parser until the one before is answered, so answers are in order and a client
 * can make nothing grow but one read buffer.
 *
 * States:
 *
 *     READING ──head complete──▶ HANDLING ──answered──▶ DRAINING ──body read──▶ READING
 *        │                          │  └──taken over──▶ UPGRADED   │
 *        └──── error, end, drain ───┴──────────────────────┴──▶ CLOSING ──▶ CLOSED
 */
import { clock } from "../net/clock.ts";
import { UNREGISTERED } from "../net/registry.ts";
import type { Endpoints, Protocol, Transport } from "../net/transport/transport.ts";
import { dateLine } from "./date.ts";
import { RequestError } from "./errors.ts";
import type { CloseWatcher, Exchange, ExchangeHandler } from "./exchange.ts";
import type { FieldSection } from "./field-section.ts";
import { type ExchangeConnection, Http1Exchange } from "./http1-exchange.ts";
import { Http1Output } from "./http1-output.ts";
import type { HttpLimits } from "./limits.ts";
import { type BodySource, PulledBody } from "./pulled-body.ts";
import { DATA, END, HEAD, NEED_DATA, RequestParser } from "./request-parser.ts";
import type { RequestScope } from "./request-scope.ts";
import { statusLine } from "./response-head.ts";
import type { ServedConnection } from "./served-connection.ts";
import { UpgradedTransport } from "./upgraded-transport.ts";

/** What a connection needs of its server. */
export interface ConnectionHost {
  readonly handler: ExchangeHandler;
  readonly scope: RequestScope;
  readonly limits: HttpLimits;
  /** True once no further request should be taken on a connection. */
  readonly draining: boolean;
  /** A fault of the handler. */
  onError(error: unknown, exchange: Exchange): void;
  onClosed(connection: Http1Connection): void;
}

const READING = 0;
const HANDLING = 1;
const DRAINING = 2;
const CLOSING = 3;
const CLOSED = 4;
const UPGRADED = 5;

/** Input beyond this is left in the kernel while the handler is busy. */
const MAX_BUFFERED_INPUT = 64 * 1024;
/** How long, and for how many bytes, we listen to a client after our FIN, so that no RST overtakes the last answer. */
const LINGER_MILLISECONDS = 2000;
const LINGER_BYTES = 1024 * 1024;

/** No time. Not Infinity: a field that is a small integer takes no memory beside its object. */
const NEVER = 0;

export class Http1Connection implements ServedConnection, Protocol, BodySource, ExchangeConnection {
  place: number = UNREGISTERED;
  readonly keepsChunks = false;
  readonly output: Http1Output;
  readonly #transport: Transport;
  readonly #host: ConnectionHost;
  readonly #parser: RequestParser;
  #state = READING;
  #current: Http1Exchange | null = null;
  #upgraded: UpgradedTransport | null = null;
  #pumping = false;
  #paused = false;
  #peerEnded = false;
  #closeAfter = false;
  #continueSent = false;
  /** Whether the parser has given the current request's END. */
  #requestEnded = false;
  #lost = false;
  #headBegun = false;
  #requests = 0;
  /** The number of the request that is not to be answered once the client has ended its side. */
  #endsWithClient = 0;
  #closeWatchers: CloseWatcher[] | null = null;
  /** Bytes dropped: of an unread body while DRAINING, of anything while CLOSING. */
  #dropped = 0;
  #deadline: number;
  /** While the client has ended its side: since when nothing was sent to it, and what had been. */
  #quietSince = NEVER;
  #quietWrites = 0;
  /** While the body is waited for: since when; and how long it was waited for before, in milliseconds. */
  #bodyWaitBegan = NEVER;
  #bodyWaited = 0;

  constructor(transport: Transport, host: ConnectionHost) {
    this.#transport = transport;
    this.#host = host;
    this.#parser = new RequestParser(host.limits);
    this.output = new Http1Output(transport, host.limits);
    this.#deadline = clock.after(host.limits.firstByteTimeout);
  }

  /** Begins to read requests. */
  start(): void {
    this.#transport.start(this);
  }

  get endpoints(): Endpoints {
    return this.#transport;
  }

  get lost(): boolean {
    return this.#lost;
  }

  // What the transport calls.

  onData(chunk: Uint8Array): void {
    if (this.#state >= CLOSING) {
      this.#takeLate(chunk);
      return;
    }
    this.#parser.feed(chunk);
    if (this.#state === HANDLING) this.#current?.body?.wake();
    else this.#pump();
    if (this.#parser.bufferedBytes > MAX_BUFFERED_INPUT) this.#pauseInput();
    if (this.#transport.reusesChunks) this.#parser.retain();
  }

  onEnd(): void {
    // Half-closed: what was asked can still be answered (RFC 9112 §9.6), but no more of a body can come.
    this.#peerEnded = true;
    if (this.#state === HANDLING && this.#endsWithClient === this.#requests) this.end();
    else if (this.#state === HANDLING) this.#current?.body?.fail(incompleteBody());
    else if (this.#state === READING) this.#awaitRequest();
    else if (this.#state === DRAINING && !this.output.blocked) this.#close();
    else this.#upgraded?.onEnd();
  }

  onDrain(): void {
    this.output.unblock();
    if (this.#state === READING || this.#state === DRAINING) this.#pump();
    this.#upgraded?.onDrain();
  }

  onClose(error: Error | null): void {
    this.#state = CLOSED;
    this.#loseExchange();
    this.output.unblock();
    this.#upgraded?.onClose(error);
    this.#host.onClosed(this);
    if (this.#closeWatchers !== null) for (const watcher of this.#closeWatchers) watcher.connectionClosed();
  }

  // What the clock calls.

  tick(now: number): void {
    if (this.#state !== UPGRADED && this.output.isTooSlow(now)) {
      this.destroy();
      return;
    }
    if (this.#peerEnded && this.#state === HANDLING && this.#hasLeft(now)) {
      this.destroy();
      return;
    }
    if (this.#bodyWaitBegan !== NEVER) this.#checkBodyRate(now);
    if (this.#deadline === NEVER || now < this.#deadline) return;
    this.#deadline = NEVER;
    if (this.#state === HANDLING) {
      this.#failSlowBody();
    } else if (this.#state === READING && this.#parser.midRequest) {
      this.#refuse(new RequestError(408, "headers-timeout", "the request's head took too long"));
    } else if (this.#state === READING) {
      this.#close();
    } else if (this.#state === CLOSING && this.#transport.bufferedBytes > 0) {
      // The last answer is still being taken, at its own pace; we linger behind it.
      this.#deadline = clock.after(LINGER_MILLISECONDS);
    } else {
      this.destroy();
    }
  }

  // What the exchange calls.

  settlePersistence(mayPersist: boolean): string {
    const { limits, draining } = this.#host;
    if (
      !mayPersist ||
      draining ||
      !this.#parser.keepAlive ||
      (this.#peerEnded && this.#parser.bufferedBytes === 0) ||
      (limits.maxRequestsPerConnection > 0 && this.#requests >= limits.maxRequestsPerConnection) ||
      !this.#bodyCanBeDrained()
    ) {
      this.#closeAfter = true;
    }
    if (this.#closeAfter) return "connection: close\r\n";
    return this.#parser.minorVersion > 0 ? "" : "connection: keep-alive\r\n";
  }

  exchangeFinished(): void {
    this.#current?.body?.close();
    this.#current = null;
    this.#state = DRAINING;
    this.#dropped = 0;
    if (!this.#pumping) this.#pump();
  }

  handOver(): Transport {
    // Unasked-for bytes behind the request are the new protocol's already (RFC 9110 §7.8).
    this.#parser.next();
    this.#current = null;
    this.output.flush();
    const upgraded = new UpgradedTransport(this.#transport, Buffer.from(this.#parser.takeRest()));
    if (this.#state >= CLOSING) upgraded.onClose(null);
    else this.#state = UPGRADED;
    if (this.#peerEnded) upgraded.onEnd();
    this.#deadline = NEVER;
    this.#upgraded = upgraded;
    return upgraded;
  }

  endWithClient(): void {
    this.#endsWithClient = this.#requests;
    if (this.#peerEnded && this.#state === HANDLING) this.end();
  }

  watchClose(watcher: CloseWatcher): void {
    if (this.#state === CLOSED) watcher.connectionClosed();
    else (this.#closeWatchers ??= []).push(watcher);
  }

  end(): void {
    this.#close(false);
    this.#loseExchange();
  }

  destroy(): void {
    if (this.#state !== CLOSED) this.#transport.destroy();
  }

  // What the request's body calls.

  pullBody(): Uint8Array | null | undefined {
    let event: number;
    try {
      event = this.#parser.next();
    } catch (error) {
      this.#closeAfter = true;
      throw error;
    }
    if (event === NEED_DATA) return undefined;
    if (this.#bodyWaitBegan !== NEVER) {
      this.#bodyWaited += clock.now - this.#bodyWaitBegan;
      this.#bodyWaitBegan = NEVER;
    }
    this.#deadline = NEVER;
    if (event === DATA)
      return this.#transport.reusesChunks ? Buffer.from(this.#parser.data) : this.#parser.data;
    this.#requestEnded = true;
    return null;
  }

  pullWhole(length: number): Uint8Array | null {
    const parser = this.#parser;
    if (parser.bufferedBytes < length || parser.next() !== DATA) return null;
    const { data } = parser;
    parser.next();
    this.#requestEnded = true;
    return data;
  }

  wantBody(): void {
    this.#bodyWaitBegan = clock.now;
    this.#deadline = clock.after(this.#host.limits.bodyTimeout);
    // RFC 9110 §10.1.1: the client waits to be told that its body is wanted.
    if (this.#parser.expectsContinue && !this.#continueSent && this.#current?.started === false) {
      this.#continueSent = true;
      this.output.queue(`${statusLine(100)}\r\n`);
    }
    this.#resumeInput();
  }

  get bodyTrailers(): FieldSection | null {
    return this.#parser.trailers;
  }

  // What the server calls.

  /** While draining: ends the connection if it waits for a request. */
  endIfIdle(): void {
    if (this.#state === READING && !this.#parser.midRequest) this.#close();
  }

  /** Takes requests from the parser as long as they can be answered at once. */
  #pump(): void {
    this.#pumping = true;
    this.output.hold();
    try {
      while (this.#state < CLOSING && !this.output.blocked) {
        if (this.#state === READING) {
          if (this.#parser.next() !== HEAD) break;
          this.#checkScheme();
          this.#dispatch();
        } else if (this.#state === HANDLING || !this.#drain()) {
          break;
        }
      }
    } catch (error) {
      this.#refuse(error);
    }
    this.#pumping = false;
    if (this.#state === READING) this.#awaitRequest();
    // A handler that is under way may answer within this very turn: then its answer goes with what is ready.
    if (this.#state === HANDLING) this.output.release();
    else this.output.flush();
  }

  /** Every request that has come whole is answered: waits for the next, or for the rest of its head. */
  #awaitRequest(): void {
    if (this.output.blocked) return;
    const begun = this.#parser.midRequest;
    if (this.#peerEnded) {
      if (begun)
        this.#refuse(new RequestError(400, "incomplete-request", "the connection ended within a request"));
      else this.#close();
      return;
    }
    this.#resumeInput();
    if (!begun) {
      if (this.#requests > 0) this.#deadline = clock.after(this.#host.limits.keepAliveTimeout);
    } else if (!this.#headBegun) {
      // Absolute, from the first byte on: further bytes don't extend it.
      this.#headBegun = true;
      this.#deadline = clock.after(this.#host.limits.headersTimeout);
    }
  }

  /** RFC 9110 §7.4: what is meant for https must have come over TLS. */
  #checkScheme(): void {
    if (this.#parser.scheme !== "https" || this.#transport.encrypted) return;
    throw new RequestError(421, "misdirected", "a request for an https URL must come over TLS");
  }

  #dispatch(): void {
    const parser = this.#parser;
    const body =
      parser.bodyLength === 0
        ? null
        : new PulledBody(this, parser.bodyLength, this.#host.limits.maxBodyBytes);
    const exchange = new Http1Exchange(
      this,
      parser.method,
      parser.target,
      parser.authority,
      parser.minorVersion,
      parser.fields,
      parser.knownFields,
      body,
    );
    this.#requests++;
    this.#headBegun = false;
    this.#continueSent = false;
    this.#requestEnded = false;
    this.#quietSince = NEVER;
    this.#bodyWaited = 0;
    this.#deadline = NEVER;
    this.#state = HANDLING;
    this.#current = exchange;
    if (this.#peerEnded) body?.fail(incompleteBody());
    try {
      const { scope, handler } = this.#host;
      const result = scope.run(handler, exchange);
      if (result !== undefined)
        result.then(undefined, (error: unknown) => this.#handlerFailed(error, exchange));
    } catch (error) {
      this.#handlerFailed(error, exchange);
    }
  }

  #handlerFailed(error: unknown, exchange: Http1Exchange): void {
    this.#host.onError(error, exchange);
    if (!exchange.started) exchange.respond(500, plainText, "Internal Server Error\n");
    else exchange.abort();
  }

  /** The client of the exchange under way has gone, if there is one. */
  #loseExchange(): void {
    const exchange = this.#current;
    if (exchange === null) return;
    this.#current = null;
    this.#lost = true;
    exchange.lose();
    exchange.body?.fail(incompleteBody());
  }

  /** Reads and drops what the handler left of the body. Returns false when it must wait for more. */
  #drain(): boolean {
    if (this.#closeAfter) {
      this.#close(!this.#clientIsDone);
      return false;
    }
    while (!this.#requestEnded) {
      const event = this.#parser.next();
      if (event === END) break;
      if (event === NEED_DATA) {
        if (this.#peerEnded) this.#close();
        // From the first wait on: what drips in doesn't extend it.
        if (this.#deadline === NEVER) this.#deadline = clock.after(this.#host.limits.bodyTimeout);
        this.#resumeInput();
        return false;
      }
      this.#dropped += this.#parser.data.length;
      if (this.#dropped > this.#host.limits.maxDrainBytes) {
        this.#close();
        return false;
      }
    }
    this.#state = READING;
    return true;
  }

  /** Whether what is left of the body is small enough, and sure enough to come, to be read and dropped (RFC 9112 §9.3). */
  #bodyCanBeDrained(): boolean {
    const body = this.#current?.body;
    if (body == null) return true;
    if (body.broken) return false;
    // Told nothing, the client may or may not send the body: the next bytes could be either.
    if (this.#parser.expectsContinue && !this.#continueSent && body.received === 0) return false;
    return body.length === null || body.length - body.received <= this.#host.limits.maxDrainBytes;
  }

  /** Whether a client that has ended its side has been sent nothing for too long: most of those have gone, and nothing else tells. */
  #hasLeft(now: number): boolean {
    const { output } = this;
    if (
      this.#quietSince === NEVER ||
      output.writes !== this.#quietWrites ||
      this.#transport.bufferedBytes > 0
    ) {
      this.#quietSince = now;
      this.#quietWrites = output.writes;
    }
    const { halfCloseTimeout } = this.#host.limits;
    return halfCloseTimeout > 0 && now - this.#quietSince >= halfCloseTimeout;
  }

  #checkBodyRate(now: number): void {
    const { minBodyRate, rateGrace } = this.#host.limits;
    const waited = this.#bodyWaited + now - this.#bodyWaitBegan;
    const received = this.#current?.body?.received ?? 0;
    if (minBodyRate > 0 && waited > rateGrace && received * 1000 < minBodyRate * waited) this.#failSlowBody();
  }

  #failSlowBody(): void {
    this.#bodyWaitBegan = NEVER;
    this.#closeAfter = true;
    this.#current?.body?.fail(new RequestError(408, "body-timeout", "the body came too slowly"));
  }

  /** Answers what is no request with its status, and closes. */
  #refuse(error: unknown): void {
    if (!(error instanceof RequestError)) throw error;
    if (this.#state === READING) {
      const text = `${error.message}\n`;
      const content = this.#parser.methodSoFar === "HEAD" ? "" : text;
      this.output.queue(
        `${statusLine(error.status)}content-type: text/plain;charset=UTF-8\r\ncontent-length: ${text.length}\r\n` +
          `${dateLine()}connection: close\r\n\r\n${content}`,
      );
    }
    this.#close();
  }

  /**
   * Sends what is queued, then our FIN.
   * @param lingers whether we listen on for a while. Not to saves a turn of the event loop and two system calls.
   */
  #close(lingers = true): void {
    if (this.#state >= CLOSING) return;
    this.#state = CLOSING;
    this.#dropped = 0;
    this.output.flush();
    this.#deadline = clock.after(LINGER_MILLISECONDS);
    if (!lingers) {
      this.#transport.close();
      return;
    }
    this.#transport.end();
    this.#resumeInput();
  }

  /**
   * Whether the client has said that this was its last request, and all of it is read: what would come now is no request's.
   * With a body one can't be as sure, because old clients send an empty line behind it (RFC 9112 §2.2).
   */
  get #clientIsDone(): boolean {
    const parser = this.#parser;
    return !parser.keepAlive && parser.bodyLength === 0 && parser.bufferedBytes === 0;
  }

  /** Bytes that are no request's any more. */
  #takeLate(chunk: Uint8Array): void {
    if (this.#upgraded !== null) {
      this.#upgraded.onData(chunk);
      return;
    }
    this.#dropped += chunk.length;
    if (this.#dropped > LINGER_BYTES) this.destroy();
  }

  #pauseInput(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#transport.pause();
  }

  #resumeInput(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#transport.resume();
  }
}

const plainText = ["content-type", "text/plain;charset=UTF-8"] as const;

function incompleteBody(): RequestError {
  return new RequestError(400, "incomplete-body", "the connection ended within the request's body");
}
