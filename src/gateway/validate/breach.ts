/** What the validator finds, and where it tells it. */
import { type BreachCode, rules } from "./rules.ts";

/** A rule between server and application that was broken. */
export interface Breach {
  /** Who has broken it: the server is whoever calls the application, so it may be middleware. */
  readonly by: "application" | "server";
  /** Stable, for programs. */
  readonly code: BreachCode;
  /** A sentence: what happened, and what would be right. */
  readonly message: string;
  /** The request's method. */
  readonly method: string;
  /** The request's target, as sent. */
  readonly target: string;
  /** Where the rule stands, such as `RFC 9110 section 8.6`. */
  readonly rule: string;
}

export interface ValidateOptions {
  /** Told of each breach, of each kind once for a request. Default: a line on standard error. */
  readonly report?: (breach: Breach) => void;
}

/** The breaches of one request. */
export class BreachLog {
  readonly #report: (breach: Breach) => void;
  readonly #method: string;
  readonly #target: string;
  readonly #told: Set<BreachCode> = new Set();
  /** How many breaches there were, those that were not told again included. */
  count = 0;

  constructor(options: ValidateOptions, method: string, target: string) {
    this.#report = options.report ?? reportToStandardError;
    this.#method = method;
    this.#target = target;
  }

  tell(code: BreachCode, message: string): void {
    this.count++;
    if (this.#told.has(code)) return;
    this.#told.add(code);
    const { by, source } = rules[code];
    this.#report({ by, code, message, method: this.#method, target: this.#target, rule: source });
  }
}

/** Whatever a request holds, it stays one line. */
function reportToStandardError({ by, code, message, method, target, rule }: Breach): void {
  const line = `the ${by} broke a rule in ${method} ${target}: ${message} [${code}: ${rule}]`;
  process.stderr.write(`socle: ${line.replace(/[^\x20-\x7e\xa0-\uffff]+/g, " ")}\n`);
}
