/** A request made by hand, for `app.testContext`. */
import { MemoryExchange, type MemoryExchangeOptions } from "../../gateway/memory-exchange.ts";
import type { Exchange } from "../../http/exchange.ts";
import type { MatchedPath } from "../path.ts";
import { Request } from "../request.ts";
import { unmatched } from "../unmatched.ts";

export interface TestContextOptions extends MemoryExchangeOptions {
  /** Path with query, or an absolute URL. */
  readonly path: string;
}

/**
 * @param find looks for the route; null where no route takes the request, which then has a path but no parameters
 * @throws RequestError for what is neither a path nor an absolute URL
 * @throws HttpError 400 for a path that no request can have
 */
export function makeTestRequest(
  target: string | TestContextOptions,
  find: (exchange: Exchange) => MatchedPath | null,
): Request {
  const options = typeof target === "string" ? { path: target } : target;
  const scheme = options.path.startsWith("https:") ? "https" : "http";
  const exchange = new MemoryExchange(options.path, { scheme, ...options });
  return new Request(exchange, find(exchange) ?? unmatched(exchange.target));
}
