/** `LocalStack`, after Werkzeug's: a stack that each async context has for itself. */
import { ContextVariable, useContexts } from "./context-variable.ts";
import { LocalProxy, type LocalProxyOptions } from "./local-proxy.ts";

export interface LocalStack<T extends object> {
  /** A proxy for what is on top of the stack when the proxy is used. */
  (options?: LocalProxyOptions): LocalProxy<T>;
  /** Puts an item on top. Gives the whole stack, the top last. */
  push(item: T): readonly T[];
  /** Takes the top away and gives it; undefined where the stack is empty. */
  pop(): T | undefined;
  /** The item that was pushed last; undefined where the stack is empty. */
  readonly top: T | undefined;
  /** Takes all items away, in this context only. */
  release(): void;
}

export interface LocalStackConstructor {
  new <T extends object>(): LocalStack<T>;
}

/** A class whose instances are functions. */
class Callable {
  constructor(fn: (...args: never[]) => unknown) {
    // biome-ignore lint/correctness/noConstructorReturn: a function can't be made by extending Function without evaluating text
    return Object.setPrototypeOf(fn, new.target.prototype);
  }
}

export const LocalStack: LocalStackConstructor = class<T extends object> extends Callable {
  readonly #items: ContextVariable<readonly T[]> = new ContextVariable();

  constructor() {
    const unboundMessage = "the proxy for the top of a LocalStack was used where the stack is empty";
    super((options?: LocalProxyOptions) => new LocalProxy(() => this.top, { unboundMessage, ...options }));
    useContexts();
  }

  push(item: T): readonly T[] {
    const items = [...(this.#items.get() ?? []), item];
    this.#items.set(items);
    return items;
  }

  pop(): T | undefined {
    const items = this.#items.get() ?? [];
    if (items.length > 0) this.#items.set(items.slice(0, -1));
    return items.at(-1);
  }

  get top(): T | undefined {
    return this.#items.get()?.at(-1);
  }

  release(): void {
    this.#items.unset();
  }
} as unknown as LocalStackConstructor;
