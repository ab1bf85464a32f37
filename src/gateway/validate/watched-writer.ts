/** The writer of an answer as the application sees it while it is watched. */
import type { Exchange, HeaderList, ResponseWriter } from "../../http/exchange.ts";
import type { BreachLog } from "./breach.ts";
import type { Unfinished } from "./forgotten.ts";
import { checkTrailers, type HandedLists } from "./head-checks.ts";

/** Writes after one that should have been waited for, before it is a breach: a few may come from one turn's work. */
const UNWAITED_WRITES = 16;
/** Writes after the client has gone, before it is a breach. */
const WRITES_FOR_NOBODY = 100;

/** What an answer that was begun has come to. It outlives its writer. */
export class AnswerState implements Unfinished {
  readonly exchange: Exchange;
  readonly log: BreachLog;
  readonly lists: HandedLists;
  /** Announced by content-length, or -1. */
  readonly announced: number;
  /** Whether the status is of those that have no body. */
  readonly bodiless: boolean;
  written = 0;
  /** Whether `end` was called. */
  ended = false;
  /** Whether the client was told that the answer is whole. */
  complete = false;
  /** Whether the application has cut the connection. */
  aborted = false;
  /** Writes that were made while the client was slower. */
  unwaited = 0;
  waiting = false;
  forNobody = 0;

  constructor(exchange: Exchange, log: BreachLog, lists: HandedLists, announced: number, bodiless: boolean) {
    this.exchange = exchange;
    this.log = log;
    this.lists = lists;
    this.announced = announced;
    this.bodiless = bodiless;
  }

  forgotten(): void {
    this.handlerDone();
  }

  /** Nobody is going to write any more. */
  handlerDone(): void {
    if (this.ended || this.aborted || this.exchange.closed) return;
    this.log.tell(
      "never-ended",
      "an answer was begun and never ended: the client waits for the rest. Call end(), or abort() where it can't be completed",
    );
  }
}

export class WatchedWriter implements ResponseWriter {
  readonly #writer: ResponseWriter;
  readonly #state: AnswerState;

  constructor(writer: ResponseWriter, state: AnswerState) {
    this.#writer = writer;
    this.#state = state;
  }

  write(chunk: string | Uint8Array): Promise<void> | undefined {
    this.#check(chunk);
    const state = this.#state;
    const waiting = this.#writer.write(chunk);
    if (waiting !== undefined && !state.waiting) {
      state.waiting = true;
      const go = (): void => {
        state.waiting = false;
        state.unwaited = 0;
      };
      waiting.then(go, go);
    }
    return waiting;
  }

  end(trailers?: HeaderList): void {
    const state = this.#state;
    const { log, announced } = state;
    if (state.ended) log.tell("ended-twice", "end() was called again: the answer is complete already");
    const before = log.count;
    if (trailers !== undefined) checkTrailers(trailers, log);
    const refused = log.count > before;
    if (!state.ended && !refused && state.written < announced && !state.exchange.closed) {
      log.tell(
        "content-length-mismatch",
        `content-length announces ${announced} bytes, but the answer was ended after ${state.written}: the connection is cut`,
      );
    }
    // Refused for its trailers, it has not ended anything.
    state.ended ||= !refused;
    state.lists.add(trailers);
    const closed = state.exchange.closed;
    this.#writer.end(trailers);
    state.complete = !closed;
    state.lists.check(log);
  }

  #check(chunk: unknown): void {
    const state = this.#state;
    const { log, announced } = state;
    if (state.ended) {
      log.tell("write-after-end", "write() was called after end(): the answer is complete");
      return;
    }
    if (typeof chunk !== "string" && !(chunk instanceof Uint8Array)) {
      log.tell("bad-body", `write() was given a ${typeof chunk}: a body is made of strings and Uint8Arrays`);
      return;
    }
    const length = byteLength(chunk);
    if (state.bodiless && length > 0) tellBodiless(log);
    state.written += length;
    if (announced >= 0 && state.written > announced) {
      log.tell(
        "content-length-mismatch",
        `content-length announces ${announced} bytes, but ${state.written} were written`,
      );
    }
    if (state.waiting && ++state.unwaited === UNWAITED_WRITES) {
      log.tell(
        "backpressure-ignored",
        `${UNWAITED_WRITES} pieces were written while the promise of an earlier write() was waiting for the client: wait for it, or the answer piles up in memory`,
      );
    }
    if (state.exchange.closed && ++state.forNobody === WRITES_FOR_NOBODY) {
      log.tell(
        "works-for-nobody",
        `${WRITES_FOR_NOBODY} pieces were written after the client had gone: look at exchange.closed or exchange.signal, and stop`,
      );
    }
  }
}

export function byteLength(body: string | Uint8Array): number {
  return typeof body === "string" ? Buffer.byteLength(body) : body.length;
}

export function tellBodiless(log: BreachLog): void {
  log.tell(
    "body-not-allowed",
    "a body was given to an answer that may have none (204, 205, 304): it is left out. Use another status, or null",
  );
}
