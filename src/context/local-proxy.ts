/**
 * `LocalProxy`, after Werkzeug's: an object that stands for another, which is looked up each time that it is used. So a
 * module can export "the current request" as if there were only one.
 */
import { inspect } from "node:util";
import { UnboundError } from "./unbound-error.ts";

export interface LocalProxyOptions {
  /** What the error says where there is no object. Default: that the proxy is used where there is none. */
  readonly unboundMessage?: string;
  /**
   * What the objects are. A proxy has to look like one kind before it knows its object: only a "function" can be called or
   * constructed and has the `typeof` of one, only an "array" is taken for one by `Array.isArray`. Default "object".
   */
  readonly as?: "object" | "function" | "array";
}

/** A stand-in for an object of type `T`, and typed as that. */
export type LocalProxy<T extends object> = T;

export interface LocalProxyConstructor {
  /**
   * @param source gives the current object; undefined or null means that there is none. What it throws, using the proxy throws.
   */
  new <T extends object>(source: () => T | null | undefined, options?: LocalProxyOptions): LocalProxy<T>;
  /**
   * The object that a proxy stands for now: to compare it, or to keep it beyond this context. What is no proxy is given back.
   * @throws UnboundError if there is none.
   */
  currentObject<T extends object>(proxy: T): T;
  /** Whether there is an object that the proxy stands for now. What is no proxy stands for itself. */
  isBound(proxy: object): boolean;
  /** Whether a value is a proxy: `value instanceof LocalProxy`. */
  [Symbol.hasInstance](value: unknown): boolean;
}

type AnyFunction = (...args: unknown[]) => unknown;

/** Does with the current object what is done with a proxy. */
class Forwarder implements ProxyHandler<object> {
  readonly #source: () => object | null | undefined;
  readonly #unboundMessage: string;
  /** Stand-ins for the functions that were read, so that one that is read twice is the same. */
  readonly #functions: WeakMap<AnyFunction, AnyFunction> = new WeakMap();
  readonly proxy: object;

  constructor(source: () => object | null | undefined, options: LocalProxyOptions) {
    this.#source = source;
    this.#unboundMessage =
      options.unboundMessage ?? "this LocalProxy was used where there is no object that it stands for";
    this.proxy = new Proxy(this.#shape(options.as ?? "object"), this);
  }

  /** @throws UnboundError */
  current(): object {
    const object = this.#source();
    if (object === undefined || object === null) throw new UnboundError(this.#unboundMessage);
    return object;
  }

  isBound(): boolean {
    try {
      this.current();
      return true;
    } catch (error) {
      if (error instanceof UnboundError) return false;
      throw error;
    }
  }

  get(_shape: object, key: PropertyKey): unknown {
    const object = this.current();
    const value: unknown = Reflect.get(object, key, object);
    return typeof value === "function" && key !== "constructor"
      ? this.#functionFor(value as AnyFunction)
      : value;
  }

  set(_shape: object, key: PropertyKey, value: unknown): boolean {
    const object = this.current();
    return Reflect.set(object, key, value, object);
  }

  has(_shape: object, key: PropertyKey): boolean {
    return Reflect.has(this.current(), key);
  }

  deleteProperty(_shape: object, key: PropertyKey): boolean {
    return Reflect.deleteProperty(this.current(), key);
  }

  ownKeys(): (string | symbol)[] {
    return Reflect.ownKeys(this.current());
  }

  getOwnPropertyDescriptor(shape: object, key: PropertyKey): PropertyDescriptor | undefined {
    const descriptor = Reflect.getOwnPropertyDescriptor(this.current(), key);
    // A proxy may not say that a property is there for good which its shape hasn't: the next object may be without it.
    if (descriptor !== undefined)
      descriptor.configurable = Reflect.getOwnPropertyDescriptor(shape, key)?.configurable ?? true;
    return descriptor;
  }

  defineProperty(_shape: object, key: PropertyKey, descriptor: PropertyDescriptor): boolean {
    return descriptor.configurable !== false && Reflect.defineProperty(this.current(), key, descriptor);
  }

  getPrototypeOf(): object | null {
    return Reflect.getPrototypeOf(this.current());
  }

  setPrototypeOf(_shape: object, prototype: object | null): boolean {
    return Reflect.setPrototypeOf(this.current(), prototype);
  }

  /** The proxy stands for other objects as well, so it stays extensible: freeze the object itself. */
  preventExtensions(): boolean {
    return false;
  }

  apply(_shape: object, self: unknown, args: unknown[]): unknown {
    return Reflect.apply(this.current() as AnyFunction, self, args);
  }

  construct(_shape: object, args: unknown[], newTarget: object): object {
    const object = this.current() as AnyFunction;
    return Reflect.construct(object, args, newTarget === this.proxy ? object : (newTarget as AnyFunction));
  }

  /**
   * A function of the current object's that, called on the proxy, is called on the object: private fields and internal
   * slots (`Map`, `Date`) are the object's alone.
   */
  #functionFor(target: AnyFunction): AnyFunction {
    const known = this.#functions.get(target);
    if (known !== undefined) return known;
    const made = new Proxy(target, {
      apply: (fn, self, args) => Reflect.apply(fn, self === this.proxy ? this.current() : self, args),
    });
    this.#functions.set(target, made);
    return made;
  }

  /** What the proxy is a proxy of, as the language sees it: of the right kind, with nothing in it but how it is printed. */
  #shape(kind: "object" | "function" | "array"): object {
    // A bound function has no `prototype`, which could never be hidden again; one bound to a constructor can be constructed.
    const shape = kind === "function" ? Object.bind(null) : kind === "array" ? [] : {};
    return Object.defineProperty(shape, inspect.custom, {
      configurable: true,
      value: () => (this.isBound() ? this.current() : "<LocalProxy unbound>"),
    });
  }
}

const forwarders: WeakMap<object, Forwarder> = new WeakMap();

export const LocalProxy: LocalProxyConstructor = class {
  constructor(source: () => object | null | undefined, options: LocalProxyOptions = {}) {
    if (typeof source !== "function")
      throw new TypeError("a LocalProxy needs a function that gives the current object");
    const forwarder = new Forwarder(source, options);
    forwarders.set(forwarder.proxy, forwarder);
    // biome-ignore lint/correctness/noConstructorReturn: the proxy is what the class makes
    return forwarder.proxy;
  }

  static currentObject<T extends object>(proxy: T): T {
    return (forwarders.get(proxy)?.current() ?? proxy) as T;
  }

  static isBound(proxy: object): boolean {
    return forwarders.get(proxy)?.isBound() ?? true;
  }

  static [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" || typeof value === "function" ? forwarders.has(value as object) : false;
  }
} as LocalProxyConstructor;
