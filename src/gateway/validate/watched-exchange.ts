/** The exchange as the application sees it while both sides are watched. Every call goes on to the server as it came. */
import { ExchangeError } from "../../http/errors.ts";
import type {
  ConnectionControl,
  Exchange,
  HeaderList,
  RequestBody,
  ResponseWriter,
} from "../../http/exchange.ts";
import type { FieldSection } from "../../http/field-section.ts";
import { checkInterimStatus, checkStatus, interimLines } from "../../http/response-head.ts";
import { isBodiless, RESET_CONTENT } from "../../http/status.ts";
import type { Endpoints, Transport } from "../../net/transport/transport.ts";
import { mountPathOf } from "../mount-path.ts";
import type { BreachLog } from "./breach.ts";
import { type Unfinished, watchOwner } from "./forgotten.ts";
import { attempt, checkHeaders, HandedLists } from "./head-checks.ts";
import { checkRequest } from "./request-checks.ts";
import { WatchedBody } from "./watched-body.ts";
import { AnswerState, byteLength, tellBodiless, WatchedWriter } from "./watched-writer.ts";

/** What an exchange has come to. It outlives what the application holds of the exchange. */
class ExchangeState implements Unfinished {
  readonly exchange: Exchange;
  readonly log: BreachLog;
  readonly lists: HandedLists = new HandedLists();
  /** The answer that is written piece by piece, if it is. */
  answer: AnswerState | null = null;
  /** Whether the client was told that the answer is whole. */
  complete = false;
  /** Whether the application has cut the connection; the server may be some time about it. */
  aborted = false;

  constructor(exchange: Exchange, log: BreachLog) {
    this.exchange = exchange;
    this.log = log;
  }

  get isComplete(): boolean {
    return this.complete || this.answer?.complete === true;
  }

  forgotten(): void {
    const { exchange } = this;
    if (exchange.started || exchange.closed || this.aborted) return;
    this.log.tell(
      "never-answered",
      "the exchange was never answered, and nobody can answer it any more: the client waits. Call respond(), start() or abort()",
    );
  }
}

export class WatchedExchange implements Exchange {
  readonly #exchange: Exchange;
  readonly #log: BreachLog;
  readonly #state: ExchangeState;
  readonly body: RequestBody | null;
  #watchesSignal = false;

  constructor(exchange: Exchange, log: BreachLog) {
    this.#exchange = exchange;
    this.#log = log;
    this.#state = new ExchangeState(exchange, log);
    this.body = exchange.body === null ? null : new WatchedBody(exchange.body, log);
    checkRequest(exchange, log);
    if (exchange.started) log.tell("bad-state", "the exchange is begun already when it is handed up");
    watchOwner(this, this.#state);
  }

  get method(): string {
    return this.#exchange.method;
  }

  get target(): string {
    return this.#exchange.target;
  }

  get httpVersion(): Exchange["httpVersion"] {
    return this.#exchange.httpVersion;
  }

  get scheme(): Exchange["scheme"] {
    return this.#exchange.scheme;
  }

  get authority(): string {
    return this.#exchange.authority;
  }

  get headers(): FieldSection {
    return this.#exchange.headers;
  }

  /** For whoever is mounted here: it goes with the exchange. */
  get mountPath(): string {
    return mountPathOf(this.#exchange);
  }

  get connection(): Endpoints {
    return this.#exchange.connection;
  }

  get started(): boolean {
    return this.#exchange.started;
  }

  get closed(): boolean {
    return this.#exchange.closed;
  }

  get connectionControl(): ConnectionControl | undefined {
    return this.#exchange.connectionControl;
  }

  get upgradeOffer(): string | null {
    return this.#exchange.upgradeOffer;
  }

  get signal(): AbortSignal {
    const { signal } = this.#exchange;
    if (!this.#watchesSignal) {
      this.#watchesSignal = true;
      const state = this.#state;
      signal.addEventListener("abort", () => {
        if (!state.isComplete) return;
        state.log.tell(
          "late-abort",
          "the signal was aborted after the answer was complete: it tells of clients that leave before that",
        );
      });
    }
    return signal;
  }

  respond(status: number, headers: HeaderList, body: string | Uint8Array | null, reason?: string): void {
    const log = this.#log;
    const before = log.count;
    const announced = this.#checkAnswer(status, headers);
    if (body !== null && typeof body !== "string" && !(body instanceof Uint8Array)) {
      log.tell(
        "bad-body",
        `the body is ${body === undefined ? body : `a ${typeof body}`}: it is a string, a Uint8Array or null`,
      );
    } else {
      const length = body === null ? 0 : byteLength(body);
      const bodiless = hasNoBody(status);
      if (bodiless && length > 0) tellBodiless(log);
      if (
        announced >= 0 &&
        announced !== length &&
        !(body === null && (this.method === "HEAD" || bodiless))
      ) {
        log.tell(
          "content-length-mismatch",
          `content-length announces ${announced} bytes, but the body has ${length}: leave it out, the server adds it`,
        );
      }
    }
    const closed = this.closed;
    this.#pass(before, () => this.#exchange.respond(status, headers, body, reason));
    this.#state.complete = !closed;
    this.#checkState(true);
  }

  start(status: number, headers: HeaderList, reason?: string): ResponseWriter {
    const before = this.#log.count;
    const announced = this.#checkAnswer(status, headers);
    const writer = this.#pass(before, () => this.#exchange.start(status, headers, reason));
    this.#checkState(false);
    // Of what may have no body the server sends none, so nothing is counted.
    const counted = this.method === "HEAD" || hasNoBody(status) ? -1 : announced;
    const { lists } = this.#state;
    const answer = new AnswerState(this.#exchange, this.#log, lists, counted, hasNoBody(status));
    this.#state.answer = answer;
    const watched = new WatchedWriter(writer, answer);
    watchOwner(watched, answer);
    return watched;
  }

  inform(status: number, headers: HeaderList): void {
    const log = this.#log;
    const before = log.count;
    if (this.started) {
      log.tell(
        "inform-after-start",
        `an interim answer, ${status}, came after the answer was begun: it is too late`,
      );
    }
    attempt(() => checkInterimStatus(status), "bad-status", log);
    checkHeaders(headers, log, interimLines);
    this.#state.lists.add(headers);
    this.#pass(before, () => this.#exchange.inform(status, headers));
  }

  upgrade(protocol: string, headers: HeaderList): Transport {
    const before = this.#log.count;
    this.#checkUnanswered();
    const offer = this.upgradeOffer;
    const offered = (offer ?? "").toLowerCase().split(/[ \t]*,[ \t]*/);
    if (!offered.includes(String(protocol).toLowerCase())) {
      this.#log.tell(
        "upgrade-not-offered",
        `the connection was to be upgraded to ${protocol}, but the client has offered ${offer ?? "nothing"}: look at upgradeOffer first`,
      );
    }
    checkHeaders(headers, this.#log, interimLines);
    this.#state.lists.add(headers);
    const transport = this.#pass(before, () => this.#exchange.upgrade(protocol, headers));
    this.#state.complete = true;
    return transport;
  }

  abort(): void {
    this.#state.aborted = true;
    if (this.#state.answer !== null) this.#state.answer.aborted = true;
    this.#exchange.abort();
  }

  /** The handler has returned, or its promise was settled. */
  checkHeaderLists(): void {
    this.#state.lists.check(this.#log);
  }

  /** The handler's promise was resolved: it says that its work is done. */
  handlerDone(): void {
    this.checkHeaderLists();
    if (this.started || this.closed || this.#state.aborted) {
      this.#state.answer?.handlerDone();
    } else {
      this.#log.tell(
        "never-answered",
        "the handler's promise was resolved, and the exchange is not answered: the client waits. A handler that lets others answer later returns no promise",
      );
    }
  }

  /** The handler has thrown, or its promise was rejected. */
  handlerFailed(error: unknown): void {
    this.checkHeaderLists();
    if (!this.#state.isComplete) return;
    this.#log.tell(
      "threw-after-answer",
      `the handler failed after its answer was complete: ${String(error)}. The client was told that all is well`,
    );
  }

  #checkAnswer(status: number, headers: HeaderList): number {
    this.#checkUnanswered();
    attempt(() => checkStatus(status), "bad-status", this.#log);
    this.#state.lists.add(headers);
    return checkHeaders(headers, this.#log);
  }

  #checkUnanswered(): void {
    if (this.started) {
      this.#log.tell(
        "answered-twice",
        "the exchange was answered again: it has one answer, which was begun already",
      );
    }
  }

  #checkState(whole: boolean): void {
    const { started, closed } = this;
    if (started && (closed || !whole)) return;
    this.#log.tell(
      "bad-state",
      `after ${whole ? "respond()" : "start()"} the exchange says started: ${started}, closed: ${closed}`,
    );
  }

  /**
   * Passes a call on. What the server refuses is a breach: if none was found, of a rule of the server's own.
   * @param before how many breaches there were before this call
   */
  #pass<T>(before: number, call: () => T): T {
    try {
      return call();
    } catch (error) {
      const log = this.#log;
      if (log.count > before) throw error;
      if (error instanceof ExchangeError) log.tell("refused", error.message);
      else log.tell("server-error", `the server failed with ${String(error)}, and not with an ExchangeError`);
      throw error;
    }
  }
}

function hasNoBody(status: number): boolean {
  return isBodiless(status) || status === RESET_CONTENT;
}
