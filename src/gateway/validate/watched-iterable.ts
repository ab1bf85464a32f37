/** What a WSGI application returned, as the server sees it while both sides are watched. */
import type { BreachLog } from "./breach.ts";
import { type Unfinished, watchOwner } from "./forgotten.ts";

/** Told of what an iteration comes to. */
export interface IterationWatcher {
  /** A piece was yielded, whatever it is. */
  piece(value: unknown): void;
  /** The iteration has come to its end. */
  end(): void;
}

interface Closable {
  close?(): void | Promise<void>;
}

/** What an iterable has come to. It outlives what the server holds of it. */
class IterableState implements Unfinished {
  readonly log: BreachLog;
  iterated = false;
  closed = false;

  constructor(log: BreachLog) {
    this.log = log;
  }

  forgotten(): void {
    if (this.closed) return;
    this.log.tell(
      "not-closed",
      "the iterable was dropped without a call of its close(): whoever calls an application closes what it returns, however the request ends",
    );
  }

  iterate(): void {
    if (this.iterated) this.log.tell("iterated-twice", "the iterable was iterated again: that is done once");
    this.iterated = true;
  }

  next(): void {
    if (this.closed)
      this.log.tell("iterated-after-close", "the iterable was asked for a piece after close()");
  }

  close(): void {
    if (this.closed)
      this.log.tell("closed-twice", "close() was called again: it is called once for each request");
    this.closed = true;
  }
}

/**
 * An iterable that does what the given one does. An array stays an array, because servers look at its length.
 * @param iterable an iterable or async iterable
 */
export function watchIterable(iterable: object, log: BreachLog, watcher: IterationWatcher): object {
  const state = new IterableState(log);
  const watched = Array.isArray(iterable)
    ? watchArray(iterable, watcher)
    : Symbol.asyncIterator in iterable
      ? watchAsync(iterable as AsyncIterable<unknown>, state, watcher)
      : watchSync(iterable as Iterable<unknown>, state, watcher);
  watchOwner(watched, state);
  return Object.assign(watched, {
    close(): void | Promise<void> {
      state.close();
      if (typeof (iterable as Closable).close === "function") return (iterable as Closable).close?.();
    },
  });
}

function watchArray(pieces: readonly unknown[], watcher: IterationWatcher): object {
  for (const piece of pieces) watcher.piece(piece);
  watcher.end();
  return [...pieces];
}

function watchSync(iterable: Iterable<unknown>, state: IterableState, watcher: IterationWatcher): object {
  return {
    [Symbol.iterator](): Iterator<unknown> {
      state.iterate();
      const iterator = iterable[Symbol.iterator]();
      return {
        next: () => {
          state.next();
          return seen(iterator.next(), watcher);
        },
        return: (value) => iterator.return?.(value) ?? { done: true, value },
      };
    },
  };
}

function watchAsync(
  iterable: AsyncIterable<unknown>,
  state: IterableState,
  watcher: IterationWatcher,
): object {
  return {
    [Symbol.asyncIterator](): AsyncIterator<unknown> {
      state.iterate();
      const iterator = iterable[Symbol.asyncIterator]();
      return {
        next: async () => {
          state.next();
          return seen(await iterator.next(), watcher);
        },
        return: async (value) => (await iterator.return?.(value)) ?? { done: true, value },
      };
    },
  };
}

function seen(step: IteratorResult<unknown>, watcher: IterationWatcher): IteratorResult<unknown> {
  if (step.done === true) watcher.end();
  else watcher.piece(step.value);
  return step;
}
