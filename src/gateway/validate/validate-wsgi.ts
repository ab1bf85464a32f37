/** The validator for WSGI applications: stands between one and whoever calls it, a server or middleware. */
import { isBodiless } from "../../http/status.ts";
import type { Environ } from "../wsgi/environ.ts";
import { kindOf } from "../wsgi/kind-of.ts";
import { hopByHop, parseStatus } from "../wsgi/wsgi-head.ts";
import type {
  StartResponse,
  WsgiApplication,
  WsgiError,
  WsgiIterable,
  WsgiWrite,
} from "../wsgi/wsgi-interface.ts";
import { BreachLog, type ValidateOptions } from "./breach.ts";
import { checkEnviron } from "./environ-checks.ts";
import { checkHeaders } from "./head-checks.ts";
import { type IterationWatcher, watchIterable } from "./watched-iterable.ts";
import { tellBodiless } from "./watched-writer.ts";

/**
 * A WSGI application that does what the given one does, and reports every breach of PEP 3333 by it or by its caller, as
 * Python's `wsgiref.validate` does. Nothing else changes: what is against the rules is passed on.
 */
export function validateWsgi(app: WsgiApplication, options: ValidateOptions = {}): WsgiApplication {
  return (environ, startResponse) => {
    const log = new BreachLog(options, String(environ?.REQUEST_METHOD), targetOf(environ));
    checkEnviron(environ, log);
    const call = new WatchedCall(environ?.REQUEST_METHOD, startResponse, log);
    const result: unknown = app(environ, call.startResponse);
    return typeof (result as Partial<Promise<unknown>> | null | undefined)?.then === "function"
      ? (result as Promise<WsgiIterable>).then((iterable) => call.watch(iterable))
      : call.watch(result);
  };
}

/** One call of an application. */
class WatchedCall implements IterationWatcher {
  readonly #method: string;
  readonly #startResponse: StartResponse;
  readonly #log: BreachLog;
  /** 0 until `startResponse` was called. */
  #status = 0;
  #announced = -1;
  #sent = 0;

  constructor(method: string, startResponse: StartResponse, log: BreachLog) {
    this.#method = method;
    this.#startResponse = startResponse;
    this.#log = log;
  }

  readonly startResponse: StartResponse = (...given: readonly unknown[]): WsgiWrite => {
    const log = this.#log;
    const [status, headers, excInfo] = given;
    if (given.length < 2 || given.length > 3) {
      log.tell(
        "start-response-arguments",
        `startResponse was called with ${given.length} arguments: it takes the status, the headers, and the error if there is one`,
      );
    }
    if (this.#status !== 0 && (excInfo === undefined || excInfo === null)) {
      log.tell(
        "start-response-twice",
        "startResponse was called twice: only an error handler may do so, and it gives the error as the third argument",
      );
    }
    this.#status = this.#checkStatus(status);
    this.#announced = this.#checkHeaders(headers);
    const write = this.#startResponse(...(given as unknown as Parameters<StartResponse>));
    return (piece) => {
      this.#checkPiece(piece, "write-not-bytes");
      return write(piece);
    };
  };

  /** The result as the caller gets it. */
  watch(result: unknown): WsgiIterable {
    if (
      typeof result !== "object" ||
      result === null ||
      result instanceof Uint8Array ||
      !isIterable(result)
    ) {
      this.#log.tell(
        "result-not-iterable",
        `the application returned ${kindOf(result)}: it returns an iterable or async iterable of Uint8Arrays, such as an array of one`,
      );
      return result as WsgiIterable;
    }
    return watchIterable(result, this.#log, this) as WsgiIterable;
  }

  piece(value: unknown): void {
    if (this.#status === 0) {
      this.#log.tell(
        "start-response-missing",
        "a piece of the body was given before startResponse was called",
      );
    }
    this.#checkPiece(value, "piece-not-bytes");
  }

  end(): void {
    if (this.#status === 0) {
      this.#log.tell(
        "start-response-missing",
        "the application came to its end without calling startResponse",
      );
    }
    const mayLackBody = this.#method === "HEAD" || isBodiless(this.#status);
    if (this.#sent < this.#announced && !mayLackBody) {
      this.#log.tell(
        "content-length-mismatch",
        `content-length announces ${this.#announced} bytes, but the body has ${this.#sent}`,
      );
    }
  }

  #checkStatus(status: unknown): number {
    try {
      return parseStatus(status);
    } catch (error) {
      this.#log.tell("status-malformed", (error as WsgiError).message);
      return Number.NaN;
    }
  }

  /** Returns the announced content-length, or -1. */
  #checkHeaders(headers: unknown): number {
    const log = this.#log;
    if (!Array.isArray(headers) || !headers.every((pair) => Array.isArray(pair) && pair.length === 2)) {
      log.tell("headers-malformed", "the headers are an array of [name, value] pairs, and these are not");
      return -1;
    }
    for (const [name] of headers as unknown[][]) {
      if (typeof name === "string" && hopByHop.has(name.toLowerCase())) {
        log.tell(
          "hop-by-hop-header",
          `the header "${name}" is hop-by-hop: it is the server's, and an application may not send it`,
        );
      }
    }
    return checkHeaders(headers.flat(), log);
  }

  #checkPiece(piece: unknown, code: "piece-not-bytes" | "write-not-bytes"): void {
    if (!(piece instanceof Uint8Array)) {
      const hint = typeof piece === "string" ? ": encode text with new TextEncoder().encode(text)" : "";
      this.#log.tell(code, `a piece of the body is ${kindOf(piece)}, and must be a Uint8Array${hint}`);
      return;
    }
    if (piece.length > 0 && this.#status !== 0 && isBodiless(this.#status)) tellBodiless(this.#log);
    this.#sent += piece.length;
    if (this.#announced >= 0 && this.#sent > this.#announced && this.#method !== "HEAD") {
      this.#log.tell(
        "content-length-mismatch",
        `content-length announces ${this.#announced} bytes, but the body has ${this.#sent} and more`,
      );
    }
  }
}

function isIterable(value: object): boolean {
  return Symbol.iterator in value || Symbol.asyncIterator in value;
}

/** The path and the query as far as environ has them. */
function targetOf(environ: Environ | undefined): string {
  const { SCRIPT_NAME: script = "", PATH_INFO: path = "", QUERY_STRING: query = "" } = environ ?? {};
  return `${script}${path}${query === "" ? "" : `?${query}`}`;
}
