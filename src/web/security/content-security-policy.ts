/** Content-Security-Policy (W3C CSP3): what a page may load and run. */

/**
 * By directive, the sources that count: `{ "img-src": "'self' https://images.example.com" }`. `false` leaves one of the defaults out;
 * "" is a directive without a value.
 */
export type CspDirectives = Readonly<Record<string, string | false>>;

/** The defaults: what a page loads comes from its own site, and scripts do not stand in it. */
const defaults: CspDirectives = {
  "default-src": "'self'",
  "base-uri": "'self'",
  "font-src": "'self' data:",
  "form-action": "'self'",
  "frame-ancestors": "'self'",
  "img-src": "'self' data:",
  "object-src": "'none'",
  "script-src": "'self'",
  "script-src-attr": "'none'",
  "style-src": "'self' 'unsafe-inline'",
  "upgrade-insecure-requests": "",
};

/** Stands for the nonce until there is one. */
const NONCE = "\0";

export class ContentSecurityPolicy {
  /** Around the nonces. */
  readonly #parts: readonly string[];
  /** Without nonces. */
  readonly text: string;

  /**
   * @param secure whether pages come over TLS. Else `upgrade-insecure-requests` is left out: nothing would be found there.
   * @throws TypeError for what is no directive, or would be read as something else
   */
  constructor(changes: CspDirectives, secure: boolean) {
    const directives = new Map<string, string>();
    for (const [name, value] of Object.entries({ ...defaults, ...changes })) {
      check(name, value);
      if (value !== false && (secure || name !== "upgrade-insecure-requests")) directives.set(name, value);
    }
    this.text = serialize(directives);
    this.#parts = serialize(withNonce(directives)).split(NONCE);
  }

  /** The policy that allows scripts and styles with the nonce as well. */
  withNonce(nonce: string): string {
    return this.#parts.join(nonce);
  }
}

/** Where styles may stand in a page anyway, a nonce would take that back. */
function withNonce(directives: ReadonlyMap<string, string>): Map<string, string> {
  const changed = new Map(directives);
  for (const name of ["script-src", "style-src"]) {
    const sources = directives.get(name) ?? directives.get("default-src");
    if (sources === undefined || sources.includes("'unsafe-inline'")) continue;
    const others = sources === "'none'" ? "" : `${sources} `;
    changed.set(name, `${others}'nonce-${NONCE}'`);
  }
  return changed;
}

function serialize(directives: ReadonlyMap<string, string>): string {
  return Array.from(directives, ([name, value]) => (value === "" ? name : `${name} ${value}`)).join("; ");
}

const keywords =
  "self|none|unsafe-inline|unsafe-eval|unsafe-hashes|strict-dynamic|report-sample|wasm-unsafe-eval";
const unquoted = new RegExp(`^(?:(?:${keywords})$|nonce-|sha(?:256|384|512)-)`, "i");

function check(name: string, value: unknown): void {
  const wrong = (why: string): TypeError =>
    new TypeError(`contentSecurityPolicy of securityHeaders() has ${JSON.stringify(name)}: ${why}`);
  if (!/^[a-z][a-z-]*$/.test(name)) throw wrong('the name of a directive is written as in "img-src"');
  if (value === false) return;
  if (typeof value !== "string") throw wrong("a directive's value is a text, or false to leave it out");
  if (!/^[\x20-\x7e]*$/.test(value) || /[;,]/.test(value)) {
    throw wrong(`${JSON.stringify(value)} has a character that would end the directive, or can't be sent`);
  }
  for (const source of value.split(" ")) {
    if (unquoted.test(source))
      throw wrong(`${source} is written with quotes, '${source}': else it is a host`);
  }
}
