/**
 * `Headers` of the WHATWG Fetch standard (§2.2 and §5.1), over the same flat list that an `Exchange`
 * takes and gives, so that neither direction copies anything before it is changed.
 */
import { consistsOf, TOKEN } from "../http/chars.ts";
import type { HeaderList } from "../http/exchange.ts";
import { actAsPlatformClass } from "./platform.ts";

/** What `new Headers(…)` takes: another `Headers` (the platform's too), pairs, or a record. */
export type HeadersInit = Iterable<readonly [name: string, value: string]> | Readonly<Record<string, string>>;

/**
 * The fields of `headers` as a list for an `Exchange`. The `Headers` copies its list before it changes it the
 * next time, so the result stays as it is. Internal to the package.
 */
export let headerListOf: (headers: Headers) => HeaderList;

/**
 * A `Headers` over a list of checked names (in lower case) and values, which it copies before it changes it.
 * An immutable one refuses changes, as the standard's guard does. Internal to the package.
 */
export let headersOver: (list: HeaderList, immutable?: boolean) => Headers;

/** Whether a value is a `Headers` of this class. Internal to the package. */
export let isHeaders: (value: object) => value is Headers;

/** Header fields by case-insensitive name. Names come out in lower case, sorted; equal names joined by ", " (cookies by "; "). */
export class Headers {
  #list: HeaderList = [];
  /** Whether `#list` is this object's own, and so may be changed in place. */
  #owned = false;
  #immutable = false;
  /** What iteration shows, made from `#list` and dropped with each change. */
  #sorted: [string, string][] | undefined;

  declare readonly [Symbol.toStringTag]: "Headers";

  static {
    headerListOf = (headers) => {
      headers.#owned = false;
      return headers.#list;
    };
    headersOver = (list, immutable = false) => {
      const headers = new Headers();
      headers.#list = list;
      headers.#immutable = immutable;
      return headers;
    };
    isHeaders = (value): value is Headers => #list in value;
    actAsPlatformClass<Headers>(Headers, {
      name: "Headers",
      isOurs: isHeaders,
      shown: (headers) => Object.fromEntries(headers),
    });
  }

  /** @throws TypeError for a name that is no token, or a value with NUL, CR, LF or a character above U+00FF. */
  constructor(init?: HeadersInit) {
    if (init !== undefined) this.#list = toHeaderList(init);
  }

  /** Adds a field line; earlier ones of that name stay. */
  append(name: string, value: string): void {
    const key = checkedName(name);
    const text = checkedValue(key, value);
    this.#change().push(key, text);
  }

  /** Sets a field to one value, in the place of the first line of that name. */
  set(name: string, value: string): void {
    const key = checkedName(name);
    const text = checkedValue(key, value);
    const list = this.#change();
    const at = indexOfName(list, key, 0);
    if (at < 0) {
      list.push(key, text);
      return;
    }
    list[at + 1] = text;
    removeFrom(list, key, at + 2);
  }

  /** Removes every line of that name. */
  delete(name: string): void {
    const key = checkedName(name);
    removeFrom(this.#change(), key, 0);
  }

  /** The values of that name joined by ", " (cookies by "; "), or null. */
  get(name: string): string | null {
    const key = checkedName(name);
    const list = this.#list;
    let value: string | null = null;
    for (let i = indexOfName(list, key, 0); i >= 0; i = indexOfName(list, key, i + 2)) {
      const next = list[i + 1] as string;
      value = value === null ? next : value + separatorOf(key) + next;
    }
    return value;
  }

  has(name: string): boolean {
    return indexOfName(this.#list, checkedName(name), 0) >= 0;
  }

  /** Each `set-cookie` line's value: they can't be joined. */
  getSetCookie(): string[] {
    const list = this.#list;
    const values: string[] = [];
    for (let i = indexOfName(list, "set-cookie", 0); i >= 0; i = indexOfName(list, "set-cookie", i + 2)) {
      values.push(list[i + 1] as string);
    }
    return values;
  }

  forEach(
    callback: (this: unknown, value: string, name: string, headers: Headers) => void,
    thisArg?: unknown,
  ): void {
    for (const [name, value] of this) callback.call(thisArg, value, name, this);
  }

  *entries(): Generator<[name: string, value: string], undefined> {
    // Looked up anew at each step: the standard shows changes made during iteration.
    for (let i = 0; i < this.#pairs().length; i++) {
      const [name, value] = this.#pairs()[i] as [string, string];
      yield [name, value];
    }
  }

  *keys(): Generator<string, undefined> {
    for (const [name] of this) yield name;
  }

  *values(): Generator<string, undefined> {
    for (const [, value] of this) yield value;
  }

  [Symbol.iterator](): Generator<[name: string, value: string], undefined> {
    return this.entries();
  }

  /** The list, made ready to be changed. */
  #change(): string[] {
    if (this.#immutable)
      throw new TypeError("these headers are immutable: copy them with new Headers(headers)");
    this.#sorted = undefined;
    if (!this.#owned) {
      this.#list = this.#list.slice();
      this.#owned = true;
    }
    return this.#list as string[];
  }

  /** "Sort and combine" of the standard: sorted by name, `set-cookie` lines apart, others joined. */
  #pairs(): [string, string][] {
    if (this.#sorted !== undefined) return this.#sorted;
    const list = this.#list;
    const combined = new Map<string, [string, string]>();
    const pairs: [string, string][] = [];
    for (let i = 0; i < list.length; i += 2) {
      const name = list[i] as string;
      const value = list[i + 1] as string;
      const earlier = name === "set-cookie" ? undefined : combined.get(name);
      if (earlier !== undefined) {
        earlier[1] += separatorOf(name) + value;
        continue;
      }
      const pair: [string, string] = [name, value];
      combined.set(name, pair);
      pairs.push(pair);
    }
    pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return (this.#sorted = pairs);
  }
}

/**
 * The fields of an init as a list of lower-case names and checked values. Internal to the package.
 * @throws TypeError as `new Headers`.
 */
export function toHeaderList(init: HeadersInit): HeaderList {
  if ((typeof init !== "object" && typeof init !== "function") || init === null) {
    throw new TypeError(
      `headers must be a Headers, pairs or a record, not ${init === null ? "null" : typeof init}`,
    );
  }
  if (isHeaders(init)) return headerListOf(init);
  const list: string[] = [];
  if (Symbol.iterator in init) {
    for (const pair of init as Iterable<Iterable<string>>) {
      const both = typeof pair === "object" && pair !== null ? [...pair] : [];
      if (both.length !== 2) throw new TypeError("each header pair must have exactly a name and a value");
      push(list, both[0] as string, both[1] as string);
    }
    return list;
  }
  for (const name of Object.keys(init)) push(list, name, (init as Record<string, string>)[name] as string);
  return list;
}

function push(list: string[], name: string, value: string): void {
  const key = checkedName(name);
  list.push(key, checkedValue(key, value));
}

function checkedName(name: string): string {
  const text = String(name);
  if (!consistsOf(text, TOKEN)) {
    throw new TypeError(
      `${JSON.stringify(text)} is not a header name: it must be a token (RFC 9110 section 5.1)`,
    );
  }
  return text.toLowerCase();
}

/** "Normalize" and then check: a value is trimmed before it is judged. */
function checkedValue(name: string, value: string): string {
  // Checked after the conversion: an object's toString may give another text each time.
  const text = String(value);
  let from = 0;
  let to = text.length;
  while (from < to && isHttpWhitespace(text.charCodeAt(from))) from++;
  while (to > from && isHttpWhitespace(text.charCodeAt(to - 1))) to--;
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff || code === 0x00 || code === 0x0a || code === 0x0d) {
      throw new TypeError(
        `the value of header ${name} has a character that can't be sent: U+${code.toString(16).toUpperCase().padStart(4, "0")} at ${i}`,
      );
    }
  }
  return from === 0 && to === text.length ? text : text.slice(from, to);
}

/** HTTP/2 may send cookies in several lines, which are joined in their own way (RFC 9113 §8.2.3). */
function separatorOf(name: string): string {
  return name === "cookie" ? "; " : ", ";
}

function isHttpWhitespace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}

function indexOfName(list: HeaderList, name: string, from: number): number {
  for (let i = from; i < list.length; i += 2) {
    if (list[i] === name) return i;
  }
  return -1;
}

/** Removes every field of that name from `from` on, in one pass. */
function removeFrom(list: string[], name: string, from: number): void {
  let kept = from;
  for (let i = from; i < list.length; i += 2) {
    if (list[i] === name) continue;
    list[kept] = list[i] as string;
    list[kept + 1] = list[i + 1] as string;
    kept += 2;
  }
  list.length = kept;
}
