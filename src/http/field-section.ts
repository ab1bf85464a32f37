import { trimmed } from "./chars.ts";

/**
 * The header (or trailer) fields of a received message: RFC 9110 §5.
 *
 * It is made from the checked bytes of the section, kept as one latin1 string,
 * and looked into only when asked: a request whose fields nobody reads costs
 * neither an array nor a string per field.
 */
export class FieldSection implements Iterable<[name: string, value: string]> {
  /** The section as received, each line ended by CRLF, without the empty line. */
  readonly #block: string;
  /** name, value, name, value, … names in lower case; made on first use. */
  #list: readonly string[] | undefined;
  /** The same, names as sent. */
  #rawList: readonly string[] | undefined;
  #isShared = false;

  constructor(block: string) {
    this.#block = block;
  }

  /** One that many messages share, so that nobody can change it. */
  static shared(block: string): FieldSection {
    const section = new FieldSection(block);
    section.#isShared = true;
    return section;
  }

  /** From name, value, name, value, … with names in lower case (HTTP/2 sends them so). */
  static fromList(list: string[]): FieldSection {
    const section = new FieldSection("");
    section.#list = list;
    section.#rawList = list;
    return section;
  }

  /** name, value, name, value, … in the order of arrival, names in lower case. Not to be changed. */
  get list(): readonly string[] {
    return (this.#list ??= this.#isShared
      ? Object.freeze(parseBlock(this.#block, false))
      : parseBlock(this.#block, false));
  }

  /** As `list`, but with the names as they were sent. */
  get rawList(): readonly string[] {
    return (this.#rawList ??= this.#isShared
      ? Object.freeze(parseBlock(this.#block, true))
      : parseBlock(this.#block, true));
  }

  /** How many field lines there are. */
  get size(): number {
    return this.list.length / 2;
  }

  /**
   * The value of a field by its lower-case name, or undefined. Several lines are joined by ", "
   * as RFC 9110 §5.3 allows (`cookie` by "; ", RFC 6265 §5.4); for `set-cookie` use `getAll`.
   */
  get(name: string): string | undefined {
    const list = this.list;
    let value: string | undefined;
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] !== name) continue;
      const next = list[i + 1] as string;
      value = value === undefined ? next : value + (name === "cookie" ? "; " : ", ") + next;
    }
    return value;
  }

  /** Each line's value of a field, by its lower-case name. */
  getAll(name: string): string[] {
    const list = this.list;
    const values: string[] = [];
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === name) values.push(list[i + 1] as string);
    }
    return values;
  }

  /** Whether there is such a field, by its lower-case name. */
  has(name: string): boolean {
    const list = this.list;
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === name) return true;
    }
    return false;
  }

  *[Symbol.iterator](): Generator<[name: string, value: string]> {
    const list = this.list;
    for (let i = 0; i < list.length; i += 2) yield [list[i] as string, list[i + 1] as string];
  }
}

/** The block was checked by the parser, so every line has a colon and ends with CRLF. */
function parseBlock(block: string, isRaw: boolean): string[] {
  const list: string[] = [];
  let at = 0;
  while (at < block.length) {
    const colon = block.indexOf(":", at);
    const end = block.indexOf("\r\n", colon);
    const name = block.slice(at, colon);
    list.push(isRaw ? name : name.toLowerCase(), trimmed(block, colon + 1, end));
    at = end + 2;
  }
  return list;
}
