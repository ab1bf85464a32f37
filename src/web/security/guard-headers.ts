/** The headers by which browsers guard an app's pages, put together once. */
import { consistsOf, FIELD, TOKEN } from "../../http/chars.ts";
import type { HeaderList } from "../../http/exchange.ts";
import { ContentSecurityPolicy, type CspDirectives } from "./content-security-policy.ts";

export interface SecurityHeadersOptions {
  /** Directives besides the defaults or in their place; `false` sends no policy. */
  readonly contentSecurityPolicy?: CspDirectives | false;
  /** Whether browsers only report what the policy forbids, and do it all the same. Default false. */
  readonly reportOnly?: boolean;
  /** Other headers, by name: a text in the place of the default, `false` to leave it out. */
  readonly headers?: Readonly<Record<string, string | false>>;
}

/** What is sent by default besides the policy, and why. */
const defaults: Readonly<Record<string, string>> = {
  // No window of another site keeps a hold on ours, by which it could find things out (XS-Leaks, Spectre).
  "cross-origin-opener-policy": "same-origin",
  // No other site's page loads our answers as an image, a script and so on.
  "cross-origin-resource-policy": "same-origin",
  // Our pages share no process with those of other hosts of the same domain.
  "origin-agent-cluster": "?1",
  // Scripts that got in don't get these.
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  // Other sites are not told which page a link was on. With no-referrer forms would be sent with `Origin: null`, which looks forged.
  "referrer-policy": "same-origin",
  // Only over TLS: whoever has come over it once, comes over it for a year.
  "strict-transport-security": "max-age=31536000; includeSubDomains",
  // What is sent as text is not run as a script.
  "x-content-type-options": "nosniff",
  // Names in a page's links are not looked up before they are followed.
  "x-dns-prefetch-control": "off",
  // What frame-ancestors says, for old browsers.
  "x-frame-options": "SAMEORIGIN",
  // Adobe's readers load nothing from here into their documents.
  "x-permitted-cross-domain-policies": "none",
  // Switches a filter of old browsers off, which made holes of its own.
  "x-xss-protection": "0",
};

/** As many as there are bits in a number. */
const most = 31;

/** The headers of answers over http or over https. */
export interface GuardHeaders {
  /** name, value, … in lower case. The policy, where there is one, is the first. */
  readonly list: HeaderList;
  /** By name, how many stand before it. */
  readonly positions: ReadonlyMap<string, number>;
  readonly policy: ContentSecurityPolicy | null;
}

/** @throws TypeError for a header that can't be sent, or that browsers would take for something else */
export function guardHeaders(options: SecurityHeadersOptions, secure: boolean): GuardHeaders {
  const { contentSecurityPolicy = {}, headers = {}, reportOnly = false } = options;
  const policy =
    contentSecurityPolicy === false ? null : new ContentSecurityPolicy(contentSecurityPolicy, secure);
  const policyName = reportOnly ? "content-security-policy-report-only" : "content-security-policy";
  const fields = new Map<string, string>();
  if (policy !== null) fields.set(policyName, policy.text);
  for (const [name, value] of Object.entries(defaults)) fields.set(name, value);
  for (const [given, value] of Object.entries(headers)) {
    const name = given.toLowerCase();
    checkHeader(given, value);
    if (policy !== null && name === policyName) {
      throw new TypeError(
        `headers of securityHeaders() has ${name}, which there is already: change its directives by contentSecurityPolicy, or set that to false`,
      );
    }
    if (value === false) fields.delete(name);
    else fields.set(name, value);
  }
  if (fields.size > most) throw new TypeError(`securityHeaders() takes ${most} headers at most`);
  if (!secure) fields.delete("strict-transport-security");
  const positions = new Map([...fields.keys()].map((name, position) => [name, position]));
  return { list: [...fields].flat(), positions, policy };
}

function checkHeader(name: string, value: unknown): void {
  if (!consistsOf(name, TOKEN)) {
    throw new TypeError(
      `headers of securityHeaders() has ${JSON.stringify(name)}, which is no header's name`,
    );
  }
  if (value === false || (typeof value === "string" && consistsOf(value, FIELD))) return;
  throw new TypeError(
    `headers of securityHeaders() has a value for ${name} that can't be sent: it is a text without line ends, or false`,
  );
}
