/**
 * Header sections that were read before. A client sends the same lines with nearly every request on a connection, so a
 * section is compared with one that was checked already before it is checked byte by byte: the same bytes under
 * the same limits have the same meaning. All parsers with the same limits share a table of bounded size.
 */
import { LF } from "./chars.ts";
import { FieldSection } from "./field-section.ts";

/** Sections in the table. */
const SLOTS = 256;
/** Longer ones are not kept: the table takes this many bytes for each slot at most, twice. */
const MAX_BYTES = 2048;
/** Places at which a section is looked at for its hash, which only decides where it is kept. */
const SAMPLES = 16;

/** What a parser has found out about a section. */
export interface SectionFacts {
  authority: string;
  keepAlive: boolean;
  expectsContinue: boolean;
  bodyLength: number;
}

/** A section of an HTTP/1.1 request, with what was found out about it. */
export class KnownSection implements Readonly<SectionFacts> {
  /** The lines as received, each with its CRLF. */
  readonly text: string;
  /** The lines taken apart, for all requests that have them. */
  readonly fields: FieldSection;
  readonly authority: string;
  readonly keepAlive: boolean;
  readonly expectsContinue: boolean;
  readonly bodyLength: number;
  /** With the empty line. */
  readonly length: number;
  readonly slot: number;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer, facts: SectionFacts, slot: number) {
    this.#bytes = bytes;
    this.text = bytes.toString("latin1", 0, bytes.length - 2);
    this.fields = FieldSection.shared(this.text);
    this.length = bytes.length;
    this.slot = slot;
    this.authority = facts.authority;
    this.keepAlive = facts.keepAlive;
    this.expectsContinue = facts.expectsContinue;
    this.bodyLength = facts.bodyLength;
  }

  /** Whether the bytes from here on begin with this section. */
  isAt(buffer: Buffer, from: number, end: number): boolean {
    const to = from + this.length;
    return to <= end && buffer[to - 1] === LF && buffer.compare(this.#bytes, 0, this.length, from, to) === 0;
  }
}

export class KnownSections {
  readonly #table: (KnownSection | undefined)[] = new Array(SLOTS).fill(undefined);
  #lastSlot = 0;
  #lastHash = 0;

  /**
   * The section that begins here, if it is known and has come whole.
   * @param slot where the connection's last one was found; negative for its first request
   */
  find(slot: number, buffer: Buffer, from: number, end: number): KnownSection | undefined {
    const section = this.#table[slot < 0 ? this.#lastSlot : slot];
    return section?.isAt(buffer, from, end) ? section : undefined;
  }

  /** What tells a section from others, as far as a few of its bytes do. Never 0. */
  hash(buffer: Buffer, from: number, end: number): number {
    const length = end - from;
    let hash = length;
    for (let i = 1; i <= SAMPLES; i++) {
      hash = (Math.imul(hash, 31) + (buffer[from + Math.trunc((length * i) / (SAMPLES + 1))] as number)) | 0;
    }
    return hash === 0 ? 1 : hash;
  }

  /**
   * Learns a section where it comes for the second time in a row, on its connection or of all: what never comes again is
   * not worth the copy. Returns its slot, or -1.
   * @param previous the hash of the connection's section before
   */
  learn(
    hash: number,
    previous: number,
    buffer: Buffer,
    from: number,
    end: number,
    facts: SectionFacts,
  ): number {
    const again = hash === previous || hash === this.#lastHash;
    this.#lastHash = hash;
    if (!again || end - from > MAX_BYTES) return -1;
    const slot = (hash >>> 1) % SLOTS;
    this.#lastSlot = slot;
    const there = this.#table[slot];
    if (there === undefined || !there.isAt(buffer, from, end)) {
      // Memory of its own, and no more of it than needed.
      const bytes = Buffer.allocUnsafeSlow(end - from);
      buffer.copy(bytes, 0, from, end);
      this.#table[slot] = new KnownSection(bytes, facts, slot);
    }
    return slot;
  }
}
