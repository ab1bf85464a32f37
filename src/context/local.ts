/** `Local`, after Werkzeug's: an object whose attributes each async context has for itself. */
import { inspect } from "node:util";
import { ContextVariable, useContexts } from "./context-variable.ts";
import { LocalProxy, type LocalProxyOptions } from "./local-proxy.ts";
import { UnboundError } from "./unbound-error.ts";

/** The names of the attributes that hold objects: a proxy can stand for these. */
type NamesOfObjects<T> = {
  [Name in keyof T]-?: NonNullable<T[Name]> extends object ? Name : never;
}[keyof T] &
  string;

interface LocalMembers<T> extends Iterable<[name: string, value: T[keyof T]]> {
  /**
   * A proxy for the object that is the attribute's value when the proxy is used.
   * @param options `unboundMessage` is by default a sentence with the attribute's name.
   */
  <Name extends NamesOfObjects<T>>(name: Name, options?: LocalProxyOptions): NonNullable<T[Name]>;
  /** Takes all attributes away, in this context only. */
  release(): void;
}

/**
 * Has the attributes of `T`, per context. To read or delete one that is not set is an `UnboundError`; `"name" in local`
 * tells. Iterating it gives names with values.
 */
export type Local<T extends object> = T & LocalMembers<T>;

export interface LocalConstructor {
  /** Attributes can have any name but `release`: to set that is a TypeError. */
  new <T extends object>(): Local<T>;
}

type Attributes = Readonly<Record<PropertyKey, unknown>>;

/** A copy that inherits nothing, so that every name is only a name. */
function copyOf(attributes: Attributes | undefined): Record<PropertyKey, unknown> {
  return { __proto__: null, ...attributes };
}

const noAttributes: Attributes = Object.freeze(copyOf(undefined));

/** What the language itself asks objects for: `await` for `then`, `JSON.stringify` for `toJSON`. */
const askedByLanguage: ReadonlySet<PropertyKey> = new Set(["then", "toJSON"]);

/** Does with the current context's attributes what is done with a local. */
class AttributesHandler implements ProxyHandler<object> {
  readonly #variable: ContextVariable<Attributes> = new ContextVariable();
  readonly #release: () => void = () => this.#variable.unset();
  readonly #iterate: () => Iterator<[string, unknown]> = () => Object.entries(this.#attributes).values();

  get #attributes(): Attributes {
    return this.#variable.get() ?? noAttributes;
  }

  get(_shape: object, key: PropertyKey): unknown {
    if (key === "release") return this.#release;
    if (key === Symbol.iterator) return this.#iterate;
    const attributes = this.#attributes;
    if (key in attributes || typeof key === "symbol" || askedByLanguage.has(key)) return attributes[key];
    throw notSet(key);
  }

  set(_shape: object, key: PropertyKey, value: unknown): boolean {
    if (key === "release") throw new TypeError("a Local can have no attribute named release: it is a method");
    const attributes = copyOf(this.#attributes);
    attributes[key] = value;
    this.#variable.set(attributes);
    return true;
  }

  has(_shape: object, key: PropertyKey): boolean {
    return key in this.#attributes;
  }

  deleteProperty(_shape: object, key: PropertyKey): boolean {
    const attributes = copyOf(this.#attributes);
    if (!(key in attributes)) throw notSet(key);
    delete attributes[key];
    this.#variable.set(attributes);
    return true;
  }

  ownKeys(): (string | symbol)[] {
    return Reflect.ownKeys(this.#attributes);
  }

  getOwnPropertyDescriptor(_shape: object, key: PropertyKey): PropertyDescriptor | undefined {
    return Reflect.getOwnPropertyDescriptor(copyOf(this.#attributes), key);
  }

  /** Attributes are plain values: they are set by assigning. */
  defineProperty(): boolean {
    return false;
  }

  /** The proxy stands for what other contexts hold as well. */
  preventExtensions(): boolean {
    return false;
  }

  apply(
    _shape: object,
    _self: unknown,
    [name, options]: [name: string, options?: LocalProxyOptions],
  ): object {
    if (typeof name !== "string")
      throw new TypeError('a proxy for a Local needs the name of an attribute: local("user")');
    const unboundMessage = `the proxy for ${JSON.stringify(name)} was used where no ${name} is set: set it first, in the same async context`;
    return new LocalProxy(() => this.#attributes[name] as object | undefined, { unboundMessage, ...options });
  }
}

function notSet(key: PropertyKey): UnboundError {
  return new UnboundError(
    `nothing is set as ${String(key)} in this async context: set it first, or ask whether it is there, ${JSON.stringify(String(key))} in local`,
  );
}

export const Local: LocalConstructor = class {
  constructor() {
    useContexts();
    // What can be called is a function, and a bound one has nothing that could not be taken away.
    const shape = Object.bind(null);
    Object.setPrototypeOf(shape, new.target.prototype);
    Object.defineProperty(shape, inspect.custom, {
      value: function (this: Local<object>) {
        return { ...this };
      },
      configurable: true,
    });
    // biome-ignore lint/correctness/noConstructorReturn: the proxy is what the class makes
    return new Proxy(shape, new AttributesHandler());
  }
} as unknown as LocalConstructor;
