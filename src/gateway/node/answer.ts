/**
 * The answer that an application gives through Node's `ServerResponse`, on its way to the exchange. What is written
 * in one turn of the event loop goes together; what is ended within one is sent whole, by `respond`.
 */
import { channel } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { ExchangeError, type RequestError } from "../../http/errors.ts";
import type { Exchange, ResponseWriter } from "../../http/exchange.ts";
import { isBodiless } from "../../http/status.ts";
import { type Deferred, deferred } from "../../net/deferred.ts";
import { textHeaders } from "../body-init.ts";
import { HandwrittenAnswer } from "./handwritten-answer.ts";
import { parseFields, parseHead } from "./message-head.ts";
import {
  clientGone,
  dropBody,
  emitClose,
  emitDrain,
  type InnerRequest,
  type InnerResponse,
  type WriteCallback,
} from "./node-internals.ts";
import type { NodeServer } from "./node-listener.ts";
import { byteLength, type Piece, Pieces, toBytes } from "./pieces.ts";
import { type InputWatcher, RequestInput } from "./request-input.ts";

/** Bytes that are sent before the turn has ended. */
const LARGE = 16 * 1024;

/** What an answer needs of the socket that its response is written to. */
export interface AnswerSocket extends Socket {
  readonly server: NodeServer | null;
  /** The socket is destroyed, and the connection goes on without it. */
  giveUp(): void;
  /** The answer is over, and the connection's next request may have the socket. */
  release(): void;
  /** The time of `setTimeout` begins anew. */
  _unrefTimer(): void;
}

/** Nothing was sent yet, or not all. */
const OPEN = 0;
/** The application has ended the answer, and the exchange has all of it. */
const COMPLETE = 1;
/** The client has gone, or the answer was cut: whatever is written goes nowhere. */
const OVER = 2;

export class Answer implements InputWatcher {
  readonly exchange: Exchange;
  readonly request: InnerRequest;
  readonly response: InnerResponse;
  readonly socket: AnswerSocket;
  #state = OPEN;
  #input: RequestInput | null = null;
  #writer: ResponseWriter | null = null;
  #handwritten: HandwrittenAnswer | null = null;
  /** Bytes still to come of an announced content-length; -1 where none was announced. */
  #remaining = -1;
  /** Written and not handed on. */
  readonly #pieces = new Pieces();
  /** Of what was written: to be called once it was taken. */
  #callbacks: WriteCallback[] = [];
  /** Whether anything was written, be it the head alone, that was not handed on. */
  #isWritten = false;
  #tickScheduled = false;
  /** Bytes that the client has let wait. */
  #waitingBytes = 0;
  /** Whether the answer's end waits for the request's: who has ended it reads on. */
  #held = false;
  /** Whether "finish" was emitted. */
  #finished = false;
  #fault: unknown;
  #outcome: Deferred<unknown> | null = null;
  #result: PromiseLike<unknown> | undefined;

  constructor(exchange: Exchange, socket: AnswerSocket, request: InnerRequest, response: InnerResponse) {
    this.exchange = exchange;
    this.socket = socket;
    this.request = request;
    this.response = response;
  }

  /** Whether the exchange has its whole answer, or can have none. */
  get settled(): boolean {
    return this.#state !== OPEN && !this.#held;
  }

  /** Bytes that were written and that the client has not taken. */
  get bufferedBytes(): number {
    return this.#pieces.length + this.#waitingBytes;
  }

  /**
   * Resolves once the exchange is settled; rejects with what the listener's promise does, or with a breach of the exchange's rules.
   * @param result what the listener has returned, if it is a promise
   */
  outcome(result: PromiseLike<unknown> | undefined): Promise<void> | undefined {
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    if (this.settled) return result as Promise<void> | undefined;
    const outcome = deferred<unknown>();
    this.#outcome = outcome;
    this.#result = result;
    result?.then(undefined, (error: unknown) => {
      outcome.reject(error);
      this.abandon();
    });
    return outcome.promise as Promise<void>;
  }

  // What the response calls.

  send(
    data: Piece,
    encoding: BufferEncoding | null | undefined,
    callback: WriteCallback | null | undefined,
  ): boolean {
    if (this.#isLost()) return false;
    if (typeof callback === "function") this.#callbacks.push(callback);
    this.#pieces.add(data, encoding);
    this.#isWritten = true;
    // Corked once it is by Node itself, until this turn's end.
    if (this.#pieces.length >= LARGE && this.socket.writableCorked <= 1) this.#tryFlush();
    this.#scheduleTick();
    return this.bufferedBytes < this.socket.writableHighWaterMark;
  }

  /** The application has ended the answer, and everything of it was given to `send`. */
  complete(): void {
    if (this.#isLost() || this.#state !== OPEN) return;
    this.#state = COMPLETE;
    try {
      this.#held = this.#isRead();
      if (this.#held || this.#writer !== null || this.response._trailer !== "") {
        this.#flush();
        if (!this.#held) this.#end();
      } else {
        this.#respond();
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#settle();
  }

  // What the socket calls.

  /** Takes what is written past the response, with its head: by hand, or once the response has its socket again. */
  sendRaw(data: Piece, encoding: BufferEncoding): void {
    if (this.#isLost()) return;
    const { _header: head } = this.response;
    if (head !== null) {
      const whole = typeof data === "string" && this.#writer === null && data.startsWith(head);
      this.send(whole ? data.slice(head.length) : data, encoding, null);
      return;
    }
    const bytes = typeof data === "string" ? Buffer.from(data, encoding) : data;
    this.#handwritten ??= new HandwrittenAnswer(this.exchange, undefined, () => this.resumeInput());
    this.#handwritten.write(bytes);
    if (this.exchange.closed) this.#state = COMPLETE;
    this.#settle();
  }

  /** Nothing more is written past the response. */
  endRaw(): void {
    if (this.#handwritten === null) {
      this.cut();
      return;
    }
    this.#state = COMPLETE;
    this.#handwritten.end();
    this.#settle();
  }

  /** The request's stream has room for more of the body. */
  resumeInput(): void {
    this.#input ??= new RequestInput(this.exchange.body, this.request, this);
    this.#input.resume();
  }

  pauseInput(): void {
    this.#input?.pause();
  }

  /** The application has destroyed its socket. */
  cut(): void {
    if (this.#state === OPEN) {
      this.#state = OVER;
      this.exchange.abort();
      this.#settle();
    } else if (this.#held) {
      this.#release();
    }
  }

  /** The socket is no more ("close"). */
  socketClosed(): void {
    if (!this.#finished) this.request.destroy(clientGone());
    if (this.#callbacks.length > 0) this.#scheduleTick();
  }

  /** Writing was held, and may go on. */
  uncork(): void {
    if (this.#isWritten) this.#scheduleTick();
  }

  // What ends it otherwise.

  /** Somebody else answers, or nobody: whatever the application does goes nowhere. */
  abandon(): void {
    if (this.#state === OPEN) {
      this.#state = OVER;
      this.socket.giveUp();
      this.#settle();
    } else if (this.#held) {
      this.#release();
    }
  }

  /** Begins to watch whether the client leaves. */
  watch(): void {
    if (this.settled) return;
    const { connectionControl, signal } = this.exchange;
    // As Node does, unless its server was told otherwise.
    if (this.socket.server?.httpAllowHalfOpen !== true) connectionControl?.endWithClient();
    if (signal.aborted) this.abandon();
    else signal.addEventListener("abort", this, { once: true });
  }

  /** For the exchange's signal only: the client has gone. */
  handleEvent(): void {
    this.abandon();
  }

  /** For `process.nextTick` only: the turn in which something was written has ended. */
  endTurn(): void {
    this.#tickScheduled = false;
    if (this.#state === OPEN && this.#isWritten) {
      if (this.socket.writableCorked > 0) return;
      this.#tryFlush();
    }
    if (this.#waitingBytes === 0) this.#tellWriter();
  }

  // What the request's body calls.

  inputCame(): void {
    this.socket._unrefTimer();
  }

  inputEnded(): void {
    if (this.#held) this.#release();
  }

  inputFailed(error: RequestError): void {
    if (this.#state === OPEN) {
      this.#state = OVER;
      if (this.exchange.started) this.exchange.abort();
      else this.exchange.respond(error.status, textHeaders, `${error.message}\n`);
      this.socket.giveUp();
      this.#settle();
    } else if (this.#held) {
      this.#release();
    }
  }

  // What the response's own events call.

  /** All of the answer was taken ("finish"). */
  finished(): void {
    if (this.#state === OVER) return;
    const { request, response } = this;
    if (finishChannel.hasSubscribers) {
      finishChannel.publish({ request, response, socket: this.socket, server: this.socket.server });
    }
    dropBody(request);
    response.detachSocket(this.socket);
    process.nextTick(emitClose, response);
    this.#finished = true;
    if (!this.#held) this.#letGo();
  }

  #tryFlush(): void {
    try {
      this.#flush();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Sends what was written, and the head before it. */
  #flush(): void {
    this.#isWritten = false;
    const piece = this.#pieces.take();
    if (this.#writer === null) {
      const { status, reason, headers, contentLength } = parseHead(this.response._header as string);
      this.response._headerSent = true;
      this.#remaining = contentLength;
      this.#writer = this.exchange.start(status, headers, reason);
    }
    if (piece !== null) this.#write(this.#writer, piece);
  }

  #write(writer: ResponseWriter, piece: Piece): void {
    if (this.#remaining >= 0) {
      const surplus = byteLength(piece) - this.#remaining;
      if (surplus > 0) {
        writer.write(toBytes(piece).subarray(0, this.#remaining));
        writer.end();
        throw new ExchangeError(`${surplus} more bytes were written than content-length announced`);
      }
      this.#remaining = -surplus;
    }
    const taken = writer.write(piece);
    if (taken === undefined) return;
    this.#waitingBytes += piece.length;
    taken.then(() => {
      this.#waitingBytes = 0;
      if (!this.#tickScheduled) this.#tellWriter();
    });
  }

  /** Sends the whole answer. */
  #respond(): void {
    const { status, reason, headers, contentLength, isFramed } = parseHead(this.response._header as string);
    const piece = this.#pieces.take();
    const length = piece === null ? 0 : byteLength(piece);
    // A length may be announced with no body, of what another answer would have: to HEAD, and with 304.
    if (
      (contentLength < 0 && !isFramed) ||
      contentLength === length ||
      (piece === null && (this.exchange.method === "HEAD" || isBodiless(status)))
    ) {
      this.exchange.respond(status, headers, piece, reason);
      return;
    }
    this.#remaining = contentLength;
    this.#writer = this.exchange.start(status, headers, reason);
    if (piece !== null) this.#write(this.#writer, piece);
    this.#writer.end();
  }

  #end(): void {
    const { _trailer: trailers } = this.response;
    this.#writer?.end(trailers === "" ? undefined : parseFields(`${trailers}\r\n`, 0).headers);
  }

  /** The request has come whole, or never will: the end that waited for it is sent. */
  #release(): void {
    this.#held = false;
    try {
      this.#end();
    } catch (error) {
      this.#fail(error);
    }
    this.#settle();
    if (this.#finished) this.#letGo();
  }

  /** The socket is free for the connection's next request. */
  #letGo(): void {
    this.socket.release();
    if (this.request.complete) return;
    // Half-read, and held there: nobody fills it any more.
    this.socket.giveUp();
    this.request.destroy(clientGone());
  }

  #settle(): void {
    if (this.settled) this.#outcome?.resolve(this.#result);
  }

  /** The application has broken a rule of the exchange: the one who called the listener is told. */
  #fail(error: unknown): void {
    this.#fault = error;
    this.#outcome?.reject(error);
    this.#held = false;
    this.#state = OVER;
    this.socket.giveUp();
  }

  /** Whether the application goes on reading the request's body. */
  #isRead(): boolean {
    const { exchange, request } = this;
    if (exchange.body === null || this.#input?.ended === true || request.destroyed) return false;
    return request.readableFlowing === true || request.listenerCount("readable") > 0;
  }

  #isLost(): boolean {
    if (this.#state === OPEN && this.exchange.closed) this.abandon();
    return this.#state === OVER;
  }

  #scheduleTick(): void {
    if (this.#tickScheduled) return;
    this.#tickScheduled = true;
    process.nextTick(tick, this);
  }

  /** Whoever waits for what was written to be taken goes on. */
  #tellWriter(): void {
    const error = this.#state === OVER ? destroyed() : null;
    if (this.#callbacks.length > 0) {
      const callbacks = this.#callbacks;
      this.#callbacks = [];
      for (const callback of callbacks) callback(error);
    }
    if (this.#state === OPEN && this.#pieces.length === 0) emitDrain(this.response);
  }
}

const finishChannel = channel("http.server.response.finish");

function tick(answer: Answer): void {
  answer.endTurn();
}

function destroyed(): Error {
  const error = new Error("Cannot call write after a stream was destroyed");
  return Object.assign(error, { code: "ERR_STREAM_DESTROYED" });
}
