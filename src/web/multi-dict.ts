/** Names with one or more values each, in order: what a query string or a form is. After Werkzeug's `MultiDict`. */
import type { Converter } from "./converters.ts";

/** How `MultiDict.get` reads a value. */
export interface GetOptions<T> {
  /** What the text is read with: `int`, `float`, `bool` or a function of your own. */
  readonly type: Converter<T>;
}

/** As `GetOptions`, with a value for when there is none, or none that `type` can read. */
export interface GetOptionsWithDefault<T> extends GetOptions<T> {
  readonly default: T;
}

/**
 * Nothing here is looked up by a client's text in an object, so `__proto__` is a name as any other; and as
 * the entries are few and kept in a list, names made to collide in a hash table gain nothing.
 */
export class MultiDict implements Iterable<[name: string, value: string]> {
  /** name, value, name, value, … */
  #list: readonly string[];

  constructor(entries: Iterable<readonly [name: string, value: string]> = []) {
    const list: string[] = [];
    for (const [name, value] of entries) list.push(name, value);
    this.#list = list;
  }

  /** From name, value, name, value, … The list must not change afterwards. */
  static fromList(list: readonly string[]): MultiDict {
    const dict = new MultiDict();
    dict.#list = list;
    return dict;
  }

  /** How many entries there are; a name with two values counts twice. */
  get size(): number {
    return this.#list.length / 2;
  }

  /** The first value of that name, or undefined. */
  get(name: string): string | undefined;
  /** The first value of that name, as `type` reads it; `default` if there is none or it can't be read. */
  get<T>(name: string, options: GetOptionsWithDefault<T>): T;
  /** The first value of that name, as `type` reads it; undefined if there is none or it can't be read. */
  get<T>(name: string, options: GetOptions<T>): T | undefined;
  get<T>(name: string, options?: GetOptions<T> | GetOptionsWithDefault<T>): T | string | undefined {
    const text = this.#first(name);
    if (options === undefined) return text;
    const value = text === undefined ? undefined : options.type(text);
    return value === undefined && "default" in options ? options.default : value;
  }

  /** Every value of that name, in order. */
  getAll(name: string): string[];
  /** Every value of that name that `type` can read, in order. */
  getAll<T>(name: string, options: GetOptions<T>): T[];
  getAll<T>(name: string, options?: GetOptions<T>): (T | string)[] {
    const list = this.#list;
    const values: (T | string)[] = [];
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] !== name) continue;
      const text = list[i + 1] as string;
      const value = options === undefined ? text : options.type(text);
      if (value !== undefined) values.push(value);
    }
    return values;
  }

  has(name: string): boolean {
    return this.#first(name) !== undefined;
  }

  /** Each name once, in the order of its first entry. */
  *keys(): Generator<string, undefined> {
    yield* new Set(this.#list.filter((_, index) => index % 2 === 0));
  }

  /** Every value, in order. */
  *values(): Generator<string, undefined> {
    for (let i = 1; i < this.#list.length; i += 2) yield this.#list[i] as string;
  }

  /** Every entry, in order; a name with two values comes twice. */
  *entries(): Generator<[name: string, value: string], undefined> {
    const list = this.#list;
    for (let i = 0; i < list.length; i += 2) yield [list[i] as string, list[i + 1] as string];
  }

  [Symbol.iterator](): Generator<[name: string, value: string], undefined> {
    return this.entries();
  }

  /** Each name with its first value. The object has no prototype. */
  toObject(): Record<string, string> {
    const object: Record<string, string> = Object.create(null);
    for (const [name, value] of this) object[name] ??= value;
    return object;
  }

  /** For `JSON.stringify`, without loss: a name with several values gives an array. The object has no prototype. */
  toJSON(): Record<string, string | string[]> {
    const object: Record<string, string | string[]> = Object.create(null);
    for (const [name, value] of this) {
      const earlier = object[name];
      if (earlier === undefined) object[name] = value;
      else if (typeof earlier === "string") object[name] = [earlier, value];
      else earlier.push(value);
    }
    return object;
  }

  #first(name: string): string | undefined {
    const list = this.#list;
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === name) return list[i + 1];
    }
    return undefined;
  }
}
