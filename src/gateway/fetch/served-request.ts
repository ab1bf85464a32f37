/** The request that a fetch application gets. */
import type { Exchange } from "../../http/exchange.ts";
import { Request, withoutBody } from "../request.ts";
import type { FetchContext } from "./fetch-context.ts";

/** A `Request` with the two members that srvx adds, and that h3 and others look for. They may be overwritten. */
export class ServedRequest extends Request {
  readonly #context: FetchContext;

  constructor(exchange: Exchange, context: FetchContext) {
    const { method } = exchange;
    super(exchange, method === "GET" || method === "HEAD" ? withoutBody : undefined);
    this.#context = context;
  }

  /** The client's IP address. */
  get ip(): string | undefined {
    return this.#context.remoteAddress;
  }

  set ip(value: unknown) {
    overwrite(this, "ip", value);
  }

  /** As the context's. */
  get waitUntil(): (promise: unknown) => void {
    return this.#context.waitUntil;
  }

  set waitUntil(value: unknown) {
    overwrite(this, "waitUntil", value);
  }
}

function overwrite(request: ServedRequest, name: string, value: unknown): void {
  Object.defineProperty(request, name, { value, writable: true, enumerable: true, configurable: true });
}
