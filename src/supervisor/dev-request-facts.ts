/** What an error page says of the request. What would let others in, should the page be shown to them, is left out. */
import type { Exchange } from "../http/exchange.ts";

export interface RequestFacts {
  readonly method: string;
  readonly target: string;
  readonly httpVersion: string;
  /** Name and value of each header line. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

const mask = "••••••";

export function requestFacts(exchange: Exchange): RequestFacts {
  const { method, target, httpVersion } = exchange;
  const headers = [...exchange.headers].map(([name, value]) => [name, masked(name, value)] as const);
  return { method, target, httpVersion, headers };
}

/** Names of fields that carry secrets, by the words in them. */
const secret = /auth|cookie|token|secret|api-?key|password|session|signature|csrf|xsrf/;

/** A field's value without its secrets: of cookies the names stay, and of credentials the scheme. */
function masked(name: string, value: string): string {
  if (!secret.test(name)) return value;
  if (name === "cookie") {
    return value
      .split(";")
      .map((pair) => (pair.includes("=") ? `${pair.slice(0, pair.indexOf("="))}=${mask}` : ` ${mask}`))
      .join(";")
      .trim();
  }
  const scheme = name.endsWith("authorization") ? /^[A-Za-z][\w-]* (?=.)/.exec(value)?.[0] : undefined;
  return `${scheme ?? ""}${mask}`;
}
