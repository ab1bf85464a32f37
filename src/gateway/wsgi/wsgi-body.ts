/** What an application returns: walked through once, and closed once. */
import { isAsyncIterable } from "../readable-stream.ts";
import { kindOf } from "./kind-of.ts";
import { type WsgiClosable, WsgiError } from "./wsgi-interface.ts";

type Step = IteratorResult<unknown, unknown>;

export class WsgiBody {
  readonly #iterable: WsgiClosable;
  readonly #iterator: Iterator<unknown, unknown> | AsyncIterator<unknown, unknown>;
  #state: "between" | "waiting" | "done" = "between";
  #closing: Promise<void> | undefined;

  /** @throws WsgiError for what is no iterable, and for text and bytes that are not in an array */
  constructor(result: unknown) {
    this.#iterator = iteratorOf(result);
    this.#iterable = result as WsgiClosable;
  }

  /** The next step of the iteration, which fails as the application's iterator does. */
  async next(): Promise<Step> {
    this.#state = "waiting";
    try {
      const step = await this.#iterator.next();
      this.#state = step.done === true ? "done" : "between";
      return step;
    } catch (error) {
      this.#state = "done";
      throw error;
    }
  }

  /**
   * The request is over. An iteration that has not come to its end is ended by `return()`, as a `for await` loop that is left
   * does; then `close()` is called, if there is one. Calling this again does nothing more.
   */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    try {
      if (this.#state === "done") return;
      const returned = this.#iterator.return?.();
      // A generator that hangs in an await of its own returns when that comes to an end, if ever: close() may be what ends it.
      if (this.#state === "waiting") void Promise.resolve(returned).catch(ignore);
      else await returned;
    } finally {
      if (typeof this.#iterable.close === "function") await this.#iterable.close();
    }
  }
}

function iteratorOf(result: unknown): Iterator<unknown, unknown> | AsyncIterator<unknown, unknown> {
  if (result instanceof Uint8Array || typeof result === "string") {
    const what = typeof result === "string" ? "[new TextEncoder().encode(text)]" : "[bytes]";
    throw new WsgiError(
      `the application returned ${kindOf(result)}: a body is an iterable of Uint8Arrays, such as ${what}`,
    );
  }
  if (isAsyncIterable(result)) return result[Symbol.asyncIterator]();
  if (typeof (result as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] === "function") {
    return (result as Iterable<unknown>)[Symbol.iterator]();
  }
  throw new WsgiError(
    `the application returned ${kindOf(result)}: it must return the body, an iterable or async iterable of Uint8Arrays`,
  );
}

function ignore(): void {}
