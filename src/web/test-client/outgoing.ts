/** A request of a test on its way, and where a redirect sends it. */
import { Headers } from "../../gateway/headers.ts";
import { toSearchParams, type UrlQuery } from "../url-text.ts";
import type { EncodedBody } from "./request-body.ts";
import type { TestAnswer } from "./test-answer.ts";

export interface Outgoing {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: EncodedBody;
  readonly signal: AbortSignal | undefined;
}

/** @throws TypeError for what is no URL of HTTP */
export function httpUrl(text: string, base?: URL): URL {
  const url = parseUrl(text, base);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new TypeError(
      `${JSON.stringify(text)} is no URL: write a path, /users?page=2, or http://host/path`,
    );
  }
  return url;
}

function parseUrl(text: string, base?: URL): URL | null {
  return URL.canParse(text, base?.href) ? new URL(text, base) : null;
}

export function addQuery(url: URL, query: UrlQuery): void {
  for (const [name, value] of toSearchParams(query)) url.searchParams.append(name, value);
}

/**
 * The request that a redirect asks for (RFC 9110 §15.4), as browsers make it: 303, and 301 and 302 for a POST, become a GET without
 * a body.
 * @returns undefined where the answer is none, it leads to another host, or the body can't be sent once more
 */
export function redirected(request: Outgoing, answer: TestAnswer): Outgoing | undefined {
  const { method, headers, body } = request;
  const location = answer.headers.get("location");
  if (location === null || ![301, 302, 303, 307, 308].includes(answer.status)) return undefined;
  const url = parseUrl(location, request.url);
  if (url === null || url.hostname !== request.url.hostname) return undefined;
  const becomesGet = answer.status === 303 ? method !== "HEAD" : answer.status <= 302 && method === "POST";
  if (!becomesGet) {
    const isStream = typeof body.content === "object" && !(body.content instanceof Uint8Array);
    return isStream ? undefined : { ...request, url };
  }
  const kept = new Headers(headers);
  for (const name of ["content-type", "content-length", "content-encoding", "content-language"])
    kept.delete(name);
  return { ...request, url, method: "GET", headers: kept, body: { content: undefined, type: null } };
}
