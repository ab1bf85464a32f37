/**
 * Values that belong to an async context: what `contextvars` is for Python (PEP 567). All of them share one
 * `AsyncLocalStorage`, so that a context of its own is one for all of them.
 */
import { AsyncLocalStorage } from "node:async_hooks";

/** The values of one context. It is replaced, never changed: whoever inherited it goes on seeing what was inherited. */
type Bindings = ReadonlyMap<object, unknown>;

const storage: AsyncLocalStorage<Bindings> = new AsyncLocalStorage();

/** Whether anything of this process asks for the current context: until then no request has to enter one. */
export let contextsInUse = false;

/** Says that something will ask for the current context. */
export function useContexts(): void {
  contextsInUse = true;
}

export class ContextVariable<T> {
  /** The value in the current context; undefined where there is none. */
  get(): T | undefined {
    return storage.getStore()?.get(this) as T | undefined;
  }

  /** Sets the value for the rest of the current context, and for what is started from there on. */
  set(value: T): void {
    storage.enterWith(new Map(storage.getStore()).set(this, value));
  }

  /** Leaves the current context without a value. */
  unset(): void {
    if (this.get() === undefined) return;
    const bindings = new Map(storage.getStore());
    bindings.delete(this);
    storage.enterWith(bindings);
  }

  /** Calls a function in a context that has this value besides what the current one has. */
  run<Result>(value: T, fn: () => Result): Result {
    return storage.run(new Map(storage.getStore()).set(this, value), fn);
  }

  /** Calls a function in a context that has this value and no other: nothing of the current one reaches it. */
  runAlone<Result>(value: T, fn: () => Result): Result {
    return storage.run(new Map<object, unknown>().set(this, value), fn);
  }
}

/**
 * Calls a function in a context of its own, and gives what it returns. It sees what is set here; what it sets is not seen
 * here. An async function needs it only where it sets something before its first `await`, up to which it runs in its caller's
 * context. In Python that is `copy_context().run(fn)`.
 */
export function isolate<Result>(fn: () => Result): Result {
  return storage.run(new Map(storage.getStore()), fn);
}
