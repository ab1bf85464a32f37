/** The body of an event stream: a producer's events as text, comments while there are none, and no more than a client can take. */
import { isAsyncIterable } from "../../gateway/readable-stream.ts";
import { clock, type Ticking } from "../../net/clock.ts";
import { UNREGISTERED } from "../../net/registry.ts";
import { formatEvent, type ServerSentEvent } from "./event-format.ts";

/** An event, or just its data. */
export type EventInit = ServerSentEvent | string;

/** The client that events are produced for. */
export interface EventClient {
  /** The `id` of the last event that this client has got on an earlier connection, "" for none: what came since is to be sent. */
  readonly lastEventId: string;
  /** Aborted when the client goes away, and at the end. */
  readonly signal: AbortSignal;
  /**
   * Sends an event. Wait for the promise, so that a slow client holds the producer; it is rejected with an `AbortError` when
   * the client has gone.
   * @throws TypeError for an event that has no form (a line end in its `id` or `event`).
   */
  send(event: EventInit): Promise<void>;
}

/** An async generator function, whose events are sent; or an async function that sends them itself. The stream ends when it does. */
export type EventProducer = (client: EventClient) => AsyncIterable<EventInit> | Promise<void>;

export interface EventSourceSettings {
  readonly heartbeat: number;
  readonly maxQueuedBytes: number;
  /** What is sent before the first event. */
  readonly prelude: string;
}

const HEARTBEAT = ":\n\n";

const OPEN = 0;
/** No more will be produced: what is queued is still to be read. */
const ENDED = 1;
/** No more will be read. */
const STOPPED = 2;

interface Waiting<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

type Step = IteratorResult<string, undefined>;

const end: Step = Object.freeze({ done: true, value: undefined });

/** Begun by the first read, so that nothing is produced for a HEAD request. Read by one reader. */
export class EventSourceBody implements AsyncIterableIterator<string, undefined>, Ticking {
  place: number = UNREGISTERED;
  lastEventId = "";
  readonly #producer: EventProducer;
  readonly #settings: EventSourceSettings;
  readonly #controller = new AbortController();
  #iterator: AsyncIterator<EventInit> | undefined;
  #begun = false;
  #state = OPEN;
  #failure: { readonly error: unknown } | undefined;
  #queued = "";
  #queuedBytes = 0;
  #reader: Waiting<Step> | undefined;
  /** Those whose events are queued. */
  #senders: Waiting<void>[] = [];
  #heartbeatDue = 0;

  constructor(producer: EventProducer, settings: EventSourceSettings) {
    this.#producer = producer;
    this.#settings = settings;
    this.#queued = settings.prelude;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Step> {
    if (!this.#begun) this.#begin();
    if (this.#state === STOPPED) return Promise.resolve(end);
    if (this.#queued !== "") return Promise.resolve({ done: false, value: this.#take() });
    if (this.#state === ENDED) {
      const failure = this.#failure;
      this.#state = STOPPED;
      return failure === undefined ? Promise.resolve(end) : Promise.reject(failure.error);
    }
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  /** The reader wants no more: the client has gone. */
  return(): Promise<Step> {
    this.#stop();
    return Promise.resolve(end);
  }

  /** What the clock calls. */
  tick(now: number): void {
    // A client that doesn't take what there is needs no sign of life.
    if (this.#reader !== undefined && now >= this.#heartbeatDue) this.#hand(HEARTBEAT);
  }

  #begin(): void {
    this.#begun = true;
    this.#setHeartbeat();
    if (this.#settings.heartbeat > 0) clock.watch(this);
    void this.#produce();
  }

  async #produce(): Promise<void> {
    try {
      const { signal } = this.#controller;
      const send = (event: EventInit) => this.#send(event);
      const produced = this.#producer({ lastEventId: this.lastEventId, signal, send });
      if (isAsyncIterable(produced)) await this.#sendAll(produced as AsyncIterable<EventInit>);
      else await produced;
      this.#end(undefined);
    } catch (error) {
      this.#end({ error });
    }
  }

  async #sendAll(events: AsyncIterable<EventInit>): Promise<void> {
    const iterator = events[Symbol.asyncIterator]();
    this.#iterator = iterator;
    for (let step = await iterator.next(); step.done !== true; step = await iterator.next()) {
      try {
        await this.#send(step.value);
      } catch (error) {
        if (this.#state === OPEN) void settled(iterator.return?.());
        throw error;
      }
    }
  }

  #send(event: EventInit): Promise<void> {
    const text = formatEvent(typeof event === "string" ? { data: event } : event);
    const sending = this.#push(text);
    // Whoever doesn't wait must not bring the process down when the client leaves.
    sending.catch(ignore);
    return sending;
  }

  #push(text: string): Promise<void> {
    if (this.#state !== OPEN) return Promise.reject(gone());
    if (this.#reader !== undefined) {
      this.#hand(text);
      return Promise.resolve();
    }
    this.#queued += text;
    this.#queuedBytes += Buffer.byteLength(text);
    if (this.#queuedBytes > this.#settings.maxQueuedBytes) {
      const error = new Error(
        `more than ${this.#settings.maxQueuedBytes} bytes of events wait for a client that takes them too slowly: wait for the promise of send`,
      );
      this.#queued = "";
      this.#rejectSenders(error);
      this.#end({ error });
      return Promise.reject(error);
    }
    return new Promise((resolve, reject) => this.#senders.push({ resolve, reject }));
  }

  /** Gives the waiting reader a piece. */
  #hand(text: string): void {
    const reader = this.#reader as Waiting<Step>;
    this.#reader = undefined;
    this.#setHeartbeat();
    reader.resolve({ done: false, value: text });
  }

  #take(): string {
    const text = this.#queued;
    this.#queued = "";
    this.#queuedBytes = 0;
    const senders = this.#senders;
    this.#senders = [];
    for (const sender of senders) sender.resolve();
    this.#setHeartbeat();
    return text;
  }

  #setHeartbeat(): void {
    this.#heartbeatDue = clock.after(this.#settings.heartbeat);
  }

  /** The producer has ended, or failed: no more will be produced. */
  #end(failure: { readonly error: unknown } | undefined): void {
    if (this.#state !== OPEN) return;
    this.#state = ENDED;
    this.#failure = failure;
    clock.unwatch(this);
    this.#controller.abort(gone());
    const reader = this.#reader;
    if (reader === undefined) return;
    this.#reader = undefined;
    this.#state = STOPPED;
    if (failure === undefined) reader.resolve(end);
    else reader.reject(failure.error);
  }

  #stop(): void {
    if (this.#state === STOPPED) return;
    this.#state = STOPPED;
    clock.unwatch(this);
    this.#queued = "";
    this.#rejectSenders(gone());
    this.#controller.abort(gone());
    this.#reader?.resolve(end);
    this.#reader = undefined;
    // Not waited for: a generator that hangs in an await of its own can't be made to return.
    void settled(this.#iterator?.return?.());
  }

  #rejectSenders(error: unknown): void {
    for (const sender of this.#senders) sender.reject(error);
    this.#senders = [];
  }
}

function gone(): DOMException {
  return new DOMException("the client has gone away", "AbortError");
}

async function settled(promise: PromiseLike<unknown> | undefined): Promise<void> {
  try {
    await promise;
  } catch {
    // Nobody is left to be told.
  }
}

function ignore(): void {}
