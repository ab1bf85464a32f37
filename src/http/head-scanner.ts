/**
 * The scanners of a request's head. A parser needs them only while a head is coming in, and most heads come whole: so
 * all parsers with the same limits share a few, and an idle connection holds none.
 */
import { FieldScanner } from "./field-scanner.ts";
import { KnownSections } from "./known-sections.ts";
import type { HttpLimits } from "./limits.ts";
import { RequestLineScanner } from "./request-line-scanner.ts";

export type HeadLimits = Pick<HttpLimits, "maxRequestLineBytes" | "maxHeaderBytes" | "maxHeaderCount">;

export class HeadScanner {
  readonly line: RequestLineScanner;
  readonly fields: FieldScanner;

  constructor(limits: HeadLimits) {
    this.line = new RequestLineScanner(limits.maxRequestLineBytes);
    this.fields = new FieldScanner("header", limits.maxHeaderBytes, limits.maxHeaderCount);
  }
}

/** More than that are left to the garbage collector. */
const MAX_SPARE = 64;

/** What all parsers with the same limits share. */
export class HeadScannerPool {
  readonly known: KnownSections = new KnownSections();
  readonly #limits: HeadLimits;
  readonly #spare: HeadScanner[] = [];

  constructor(limits: HeadLimits) {
    this.#limits = limits;
  }

  /** A scanner that is ready for a request line. */
  take(): HeadScanner {
    const scanner = this.#spare.pop() ?? new HeadScanner(this.#limits);
    scanner.line.begin();
    return scanner;
  }

  giveBack(scanner: HeadScanner): void {
    if (this.#spare.length < MAX_SPARE) this.#spare.push(scanner);
  }
}

const pools = new WeakMap<HeadLimits, HeadScannerPool>();

/** The pool of all parsers with these limits: the same object, not only equal ones. */
export function headScannersFor(limits: HeadLimits): HeadScannerPool {
  let pool = pools.get(limits);
  if (pool === undefined) {
    pool = new HeadScannerPool(limits);
    pools.set(limits, pool);
  }
  return pool;
}
