/** A client for tests: it sends requests through the whole application, without a socket. */
import type { Application } from "../../gateway/application.ts";
import { Headers, type HeadersInit } from "../../gateway/headers.ts";
import type { AnswerOf, ContentParts, ParamsPart } from "../client/route-types.ts";
import { watchFaults } from "../fault-watch.ts";
import { HttpError } from "../http-error.ts";
import { ALL, type AnyRoute, Route } from "../route.ts";
import { buildUrl, type LooseUrlParams, type UrlParams } from "../url-for.ts";
import type { UrlQuery } from "../url-text.ts";
import { ClientExchange } from "./client-exchange.ts";
import { CookieJar, type CookieTarget } from "./cookie-jar.ts";
import { addQuery, httpUrl, type Outgoing, redirected } from "./outgoing.ts";
import { encodeBody, type TestBody } from "./request-body.ts";
import { startFor, stopFor } from "./started-applications.ts";
import { TestAnswer } from "./test-answer.ts";

export interface TestClientOptions {
  /** Scheme and host that requests are for. Default `http://localhost`. */
  readonly origin?: string;
  /** Sent with each request. */
  readonly headers?: HeadersInit;
  /** Whether a redirect within the same host is followed. Default false: the test sees it. */
  readonly followRedirects?: boolean;
  /**
   * Whether a request is rejected with the fault that its answer came of: what a handler throws other than an `HttpError`. It is not
   * logged then. With false the client gets the 500 that any client would. Default true.
   */
  readonly raiseErrors?: boolean;
  /** The address that requests come from. Default 127.0.0.1. */
  readonly ip?: string;
}

/** What any request can have. */
export interface TestRequestSettings {
  readonly headers?: HeadersInit;
  /** As in the client's options, for this request. */
  readonly followRedirects?: boolean;
  /** When it is aborted, the client leaves. */
  readonly signal?: AbortSignal;
}

export interface TestRequestOptions extends TestRequestSettings, TestBody {
  /** Added to the target's. */
  readonly query?: UrlQuery;
}

/** What a request for a route can have: its parameters, and what its schemas take. */
export type TestRouteOptions<R extends AnyRoute> = TestRequestSettings &
  Pick<TestBody, "files" | "body"> &
  ParamsPart<UrlParams<R>> &
  ContentParts<R>;

/** Nothing need follow on the route where nothing is required. */
export type TestRouteArguments<R extends AnyRoute> =
  Record<never, never> extends TestRouteOptions<R>
    ? [options?: TestRouteOptions<R>]
    : [options: TestRouteOptions<R>];

/** Sends a request. */
export interface TestSend {
  /** @param target path with query, or an absolute URL */
  (target: string, options?: TestRequestOptions): Promise<TestAnswer>;
  /** @throws TypeError for a route that does not take the method. */
  <R extends AnyRoute>(route: R, ...options: TestRouteArguments<R>): Promise<TestAnswer<AnswerOf<R>>>;
}

/** As many as browsers follow. */
const maxRedirects = 20;

/**
 *     const client = app.testClient();
 *     const answer = await client.get(show, { params: { id: 1 } });
 *     answer.status; // 200
 *     (await answer.json()).id; // typed as what the handler returns
 *
 * The application is started before the first request, and stopped by `close`. Cookies that answers set are kept and sent. What an
 * answer streams is read as it comes.
 */
export class TestClient implements AsyncDisposable {
  readonly get: TestSend = this.#sender("GET");
  readonly head: TestSend = this.#sender("HEAD");
  readonly post: TestSend = this.#sender("POST");
  readonly put: TestSend = this.#sender("PUT");
  readonly patch: TestSend = this.#sender("PATCH");
  readonly delete: TestSend = this.#sender("DELETE");
  readonly options: TestSend = this.#sender("OPTIONS");
  /** The cookies that are kept; a test may look at them, and set some. */
  readonly cookies: CookieJar;
  readonly #application: Application;
  readonly #origin: URL;
  readonly #settings: TestClientOptions;
  readonly #open = new Set<ClientExchange>();
  #starting: Promise<void> | undefined;

  /** @throws TypeError for an origin that is no URL of HTTP. */
  constructor(application: Application, options: TestClientOptions = {}) {
    this.#application = application;
    this.#settings = options;
    this.#origin = httpUrl(options.origin ?? "http://localhost");
    this.cookies = new CookieJar(this.#origin.host);
  }

  /** Sends a request with whatever method. @param target path with query, or an absolute URL */
  async request(method: string, target: string, options: TestRequestOptions = {}): Promise<TestAnswer> {
    const url = httpUrl(target, this.#origin);
    if (options.query !== undefined) addQuery(url, options.query);
    const headers = new Headers(this.#settings.headers);
    for (const [name, value] of new Headers(options.headers)) headers.set(name, value);
    const body = await encodeBody(options);
    if (body.type !== null && !headers.has("content-type")) headers.set("content-type", body.type);
    await (this.#starting ??= startFor(this.#application));
    const follow = options.followRedirects ?? this.#settings.followRedirects ?? false;
    return this.#follow({ method, url, headers, body, signal: options.signal }, follow ? maxRedirects : 0);
  }

  /** Leaves where answers are still being sent, and stops the application once none of its clients is open. */
  async close(): Promise<void> {
    for (const exchange of this.#open) exchange.disconnect();
    if (this.#starting === undefined) return;
    this.#starting = undefined;
    await stopFor(this.#application);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #sender(method: string): TestSend {
    const send = async (
      target: string | AnyRoute,
      options: TestRequestOptions & { readonly params?: LooseUrlParams } = {},
    ): Promise<TestAnswer> => {
      if (!(target instanceof Route)) return this.request(method, target, options);
      if (!takes(target, method)) throw new TypeError(`the route ${target} does not take ${method}`);
      return this.request(method, buildUrl(target, options.params ?? {}, {}), options);
    };
    return send as TestSend;
  }

  async #follow(request: Outgoing, redirectsLeft: number): Promise<TestAnswer> {
    const answer = await this.#send(request);
    const next = redirectsLeft === 0 ? undefined : redirected(request, answer);
    if (next === undefined) return answer;
    await answer.bytes();
    return this.#follow(next, redirectsLeft - 1);
  }

  async #send({ method, url, headers, body, signal }: Outgoing): Promise<TestAnswer> {
    signal?.throwIfAborted();
    const target: CookieTarget = {
      authority: url.host,
      path: url.pathname,
      secure: url.protocol === "https:",
    };
    const sent = new Headers(headers);
    if (!sent.has("host")) sent.set("host", url.host);
    const cookie = [sent.get("cookie"), this.cookies.fieldFor(target)].filter((part) => part != null);
    if (cookie.length > 0) sent.set("cookie", cookie.join("; "));
    const exchange = new ClientExchange(url.pathname + url.search, {
      method,
      headers: sent,
      body: body.content,
      scheme: target.secure ? "https" : "http",
      authority: sent.get("host") as string,
      connection: { remoteAddress: this.#settings.ip ?? "127.0.0.1" },
    });
    const faults = this.#settings.raiseErrors === false ? new Faults(null) : new Faults(exchange);
    const leave = (): void => exchange.disconnect();
    signal?.addEventListener("abort", leave, { once: true });
    this.#open.add(exchange);
    void exchange.finished.then(() => {
      this.#open.delete(exchange);
      signal?.removeEventListener("abort", leave);
    });
    const answering = this.#application.handleExchange(exchange);
    if (answering !== undefined) answering.then(undefined, (error: unknown) => faults.fail(exchange, error));
    await exchange.begun;
    signal?.throwIfAborted();
    const answer = faults.answerOf(exchange);
    for (const line of answer.headers.getSetCookie()) this.cookies.store(line, target);
    return answer;
  }
}

/** What goes wrong while a request is answered. */
class Faults {
  #fault: { readonly error: unknown } | undefined;
  #answered = false;

  /** @param exchange whose faults are watched; null for none */
  constructor(exchange: ClientExchange | null) {
    if (exchange === null) return;
    watchFaults(exchange, (error) => {
      // Of what happens behind the answer nobody could be told any more.
      const over = this.#answered && exchange.closed && !exchange.aborted;
      if (error instanceof HttpError || over) return false;
      this.#fault ??= { error };
      return true;
    });
  }

  /** The application itself has failed, and has not answered. */
  fail(exchange: ClientExchange, error: unknown): void {
    this.#fault ??= { error };
    exchange.abort();
  }

  /** @throws the fault, if there is one; Error if the exchange was cut off without an answer. */
  answerOf(exchange: ClientExchange): TestAnswer {
    this.#answered = true;
    const failure = (): unknown => this.#fault?.error ?? new Error("the application has cut the answer off");
    if (this.#fault !== undefined || exchange.responseStatus === 0) throw failure();
    return new TestAnswer(exchange, failure);
  }
}

function takes({ methods }: AnyRoute, method: string): boolean {
  return methods.includes(method) || methods.includes(ALL) || (method === "HEAD" && methods.includes("GET"));
}
