/** Refuses what another site has a visitor's browser do here with his cookies (cross-site request forgery). */
import { exchangeOf } from "../../gateway/request.ts";
import type { Exchange } from "../../http/exchange.ts";
import { HttpError } from "../http-error.ts";
import type { Plugin } from "../scope.ts";
import { checkCsrfToken } from "./csrf-token.ts";
import { type OriginMatcher, originMatcher } from "./origins.ts";

export interface CsrfOptions {
  /** Origins, besides the app's own, whose pages may change something here: `https://app.example.com`, `https://*.example.com`. Default: none. */
  readonly trustedOrigins?: readonly string[] | undefined;
  /** Whether those of the same site may: the other subdomains of this one's domain, whoever runs them. Default false. */
  readonly allowSameSite?: boolean | undefined;
  /**
   * Whether requests need a token as well (`csrfField`, `csrfToken`), for which the app needs sessions. `fallback`: those that have cookies and
   * don't say where they come from, as browsers of before 2020 do. `always`: each that may change something. Default: none do.
   */
  readonly tokens?: "fallback" | "always" | undefined;
}

/** What a request's fields say of where it comes from. */
type Verdict = "own" | "foreign" | "unknown";

/**
 *     app.register(csrf());
 *
 * Requests of other methods than GET, HEAD and OPTIONS are answered with 403 where the browser says that another site's page has made them:
 * by `Sec-Fetch-Site`, which all browsers send since 2023 and no page can forge, else by `Origin`, else by `Referer`. What has none of
 * these comes from no browser, and does nothing in anyone's name that it wasn't given; it is let through, as is what a user does himself
 * (`Sec-Fetch-Site: none`). It makes no difference which content type a request has, or whether it has one.
 * @throws TypeError for what is no origin.
 */
export function csrf(options: CsrfOptions = {}): Plugin {
  const isTrusted = trustedMatcher(options.trustedOrigins ?? []);
  const allowSameSite = options.allowSameSite ?? false;
  const { tokens } = options;
  if (tokens !== undefined && tokens !== "fallback" && tokens !== "always") {
    throw new TypeError(`the tokens of csrf() are "fallback" or "always", not ${JSON.stringify(tokens)}`);
  }
  return (scope) => {
    scope.before((request) => {
      const exchange = exchangeOf(request);
      if (isSafe(exchange.method)) return undefined;
      const verdict = judge(exchange, isTrusted, allowSameSite);
      if (verdict === "foreign")
        throw new HttpError(403, "refused: this request was made by a page of another site");
      return needsToken(tokens, verdict, exchange) ? checkCsrfToken(request) : undefined;
    });
  };
}

/** Methods that change nothing (RFC 9110 §9.2.1). TRACE is never served. */
function isSafe(method: string): boolean {
  return method === "GET" || method === "HEAD" || method === "OPTIONS";
}

function needsToken(tokens: CsrfOptions["tokens"], verdict: Verdict, { headers }: Exchange): boolean {
  return tokens === "always" || (tokens === "fallback" && verdict === "unknown" && headers.has("cookie"));
}

function judge(exchange: Exchange, isTrusted: OriginMatcher, allowSameSite: boolean): Verdict {
  const { headers } = exchange;
  const site = headers.get("sec-fetch-site");
  const origin = headers.get("origin");
  if (site !== undefined) {
    if (site === "same-origin" || site === "none" || (allowSameSite && site === "same-site")) return "own";
    return origin !== undefined && isTrusted(origin) ? "own" : "foreign";
  }
  if (origin !== undefined) return isOwn(origin, exchange) || isTrusted(origin) ? "own" : "foreign";
  const referer = headers.get("referer");
  if (referer === undefined) return "unknown";
  const from = URL.canParse(referer) ? new URL(referer).origin : "null";
  return isOwn(from, exchange) || isTrusted(from) ? "own" : "foreign";
}

/**
 * Whether an origin is the one that the request is for. Where the request came without TLS a proxy may have taken it off, so that the
 * page may have had either scheme. `null`, which a page has whose origin is hidden, is nobody's.
 */
function isOwn(origin: string, { scheme, authority }: Exchange): boolean {
  return (
    origin === originOf("https", authority) || (scheme === "http" && origin === originOf("http", authority))
  );
}

function originOf(scheme: string, authority: string): string | undefined {
  const url = `${scheme}://${authority}`;
  return URL.canParse(url) ? new URL(url).origin : undefined;
}

function trustedMatcher(origins: readonly string[]): OriginMatcher {
  for (const origin of origins) {
    if (origin !== "*" && origin !== "null") continue;
    throw new TypeError(
      `trustedOrigins has ${JSON.stringify(origin)}, which any page can have: that is no protection`,
    );
  }
  return originMatcher("trustedOrigins", origins);
}
