/** The validator for fetch applications: stands between a handler and whoever calls it. */
import { isBodiless, RESET_CONTENT } from "../../http/status.ts";
import { hasMethod, isObject } from "../application.ts";
import type { FetchHandler, FetchTarget } from "../fetch/fetch-application.ts";
import { isResponse, type Response } from "../response.ts";
import { isForeignResponse } from "../send.ts";
import { kindOf } from "../wsgi/kind-of.ts";
import { BreachLog, type ValidateOptions } from "./breach.ts";
import { tellBodiless } from "./watched-writer.ts";

/** A response of whatever make, as far as it is looked at. */
type AnyResponse = Response | globalThis.Response;
/** A request of whatever make. */
type AnyRequest = globalThis.Request;

/** The methods that read a request's body. */
const readers = ["arrayBuffer", "blob", "bytes", "formData", "json", "text"] as const;

/**
 * A fetch application that does what the given one does, and reports what its handler, or its caller, does against the
 * rules. Nothing else changes: what is against the rules is passed on.
 */
export function validateFetch<Target extends FetchTarget>(
  target: Target,
  options: ValidateOptions = {},
): Target {
  const seen = new WeakSet<object>();
  const watch =
    (answer: (...given: readonly unknown[]) => unknown): ((...given: readonly unknown[]) => unknown) =>
    (...given) => {
      const request = given[0] as AnyRequest;
      const log = new BreachLog(options, String(request?.method), targetOf(request));
      checkRequest(request, log);
      const result = answer(...given);
      if (typeof (result as Partial<Promise<unknown>> | null | undefined)?.then !== "function") {
        checkResponse(result, request, log, seen);
        return result;
      }
      return (result as Promise<unknown>).then((response) => {
        checkResponse(response, request, log, seen);
        return response;
      });
    };
  if (hasMethod(target, "fetch")) {
    const fetch = watch((...given) => target.fetch(...(given as [never, never, never])));
    // What else the object has, such as a port, is still found, by way of the prototype.
    return Object.create(target, { fetch: { value: fetch, enumerable: true } }) as Target;
  }
  return watch(target as unknown as (...given: readonly unknown[]) => unknown) as FetchHandler as Target;
}

function checkRequest(request: AnyRequest, log: BreachLog): void {
  if (!isObject(request) || typeof request.method !== "string" || !URL.canParse(request.url)) {
    log.tell(
      "bad-request",
      "the handler was called with something that is no Request with a method and a URL",
    );
    return;
  }
  for (const name of readers) {
    const read = (request as unknown as Record<string, unknown>)[name];
    if (typeof read !== "function") continue;
    const value = (...given: unknown[]): unknown => {
      if (request.bodyUsed) {
        log.tell(
          "request-body-read-twice",
          `${name}() was called on a request whose body was read already: keep what was read, or clone() the request before`,
        );
      }
      return read.apply(request, given);
    };
    Object.defineProperty(request, name, { value, configurable: true, writable: true });
  }
}

function checkResponse(value: unknown, request: AnyRequest, log: BreachLog, seen: WeakSet<object>): void {
  if (!isObject(value) || !(isResponse(value) || isForeignResponse(value))) {
    const hint = value === undefined ? " Does a branch of it lack a return?" : "";
    log.tell("not-a-response", `the handler returned ${kindOf(value)}, and must return a Response.${hint}`);
    return;
  }
  const response = value as AnyResponse;
  if (response.status === 0) {
    log.tell(
      "network-error-response",
      "the handler returned Response.error(), which can't be sent: it has no status",
    );
    return;
  }
  // The body of one of ours is not asked for: that would make a stream of what is text.
  const body = isResponse(value) ? null : response.body;
  if (response.bodyUsed || body?.locked === true) {
    if (seen.has(response)) {
      log.tell(
        "response-returned-twice",
        "the handler returned a Response that it has returned before: its body can be sent once, make a new one for each request",
      );
    } else {
      log.tell(
        "response-body-used",
        "the handler returned a Response whose body was read already, or is being read",
      );
    }
    return;
  }
  seen.add(response);
  if (body !== null && (isBodiless(response.status) || response.status === RESET_CONTENT)) tellBodiless(log);
  else if (announcedBy(response) >= 0) void checkLength(response, request, log);
}

function announcedBy(response: AnyResponse): number {
  const length = response.headers.get("content-length");
  return length !== null && /^[0-9]+$/.test(length) ? Number(length) : -1;
}

/** Counts the bytes of a second copy of the body, and no more of them than were announced. */
async function checkLength(response: AnyResponse, request: AnyRequest, log: BreachLog): Promise<void> {
  const announced = announcedBy(response);
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  const stop = (): void => void reader?.cancel().catch(ignore);
  let length = 0;
  request.signal.addEventListener("abort", stop, { once: true });
  try {
    reader = response.clone().body?.getReader();
    while (reader !== undefined && length <= announced) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
    }
  } catch {
    // Its error is for whoever sends it.
    return;
  } finally {
    request.signal.removeEventListener("abort", stop);
    stop();
  }
  const mayDiffer = length === 0 && (request.method === "HEAD" || isBodiless(response.status));
  if (length === announced || mayDiffer || request.signal.aborted) return;
  log.tell(
    "content-length-mismatch",
    `content-length announces ${announced} bytes, but the body has ${length}${length > announced ? " and more" : ""}`,
  );
}

/** The path and the query: what stands behind the origin. */
function targetOf(request: AnyRequest): string {
  const url = isObject(request) ? String(request.url) : "";
  return url.replace(/^[a-z]+:\/\/[^/?]*/i, "");
}

function ignore(): void {}
