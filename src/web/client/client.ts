/** The typed client: it calls an app's routes by their names, with the types of the routes. It runs wherever there is `fetch`. */
import type { AnyRoute, ParamsOf } from "../route.ts";
import { toSearchParams, type UrlQuery, writeQuery } from "../url-text.ts";
import { ClientError } from "./client-error.ts";
import { type ParsedRoute, parseRoute, type RouteText, writeRoute } from "./route-text.ts";
import type { AnswerOf, ContentParts, ParamsPart } from "./route-types.ts";

/** Routes by the names that they are called by: `export const api = { show, create }`. */
export type ApiRoutes = Readonly<Record<string, AnyRoute>>;

export interface ClientOptions<Api extends ApiRoutes> {
  /**
   * The routes: as texts, which the compiler holds to the types, `{ show: "GET /users/<int:id>" }`; or the routes themselves, where they
   * are at hand. Default: they are read from the document that the app serves (`apiDocs({ api })`), with the first call.
   */
  readonly routes?: { readonly [Name in keyof Api]: RouteText<Api[Name]> } | Api;
  /** Where the document is, below the base. Default `/openapi.json`. */
  readonly document?: string;
  /** Sent with each request; a function is asked each time. */
  readonly headers?: ClientHeaders | (() => ClientHeaders | Promise<ClientHeaders>);
  /** What else `fetch` takes, such as `credentials` and `cache`. */
  readonly init?: RequestInit;
  /** Default: the platform's. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

export type ClientHeaders = Readonly<Record<string, string>>;

/** What any call can have. */
export interface CallSettings {
  readonly headers?: ClientHeaders;
  readonly signal?: AbortSignal;
}

/** What a call of a route takes: parameters, query and body as its types say. */
export type CallOptions<R extends AnyRoute> = CallSettings &
  ParamsPart<Written<ParamsOf<R>>> &
  ContentParts<R>;

/** Parameters as they stand in a URL: those of a converter's own types as their texts. */
type Written<Params> = {
  readonly [Name in keyof Params as undefined extends Params[Name] ? never : Name]: WrittenValue<
    Params[Name]
  >;
} & {
  readonly [Name in keyof Params as undefined extends Params[Name] ? Name : never]?: WrittenValue<
    Params[Name]
  >;
};

type WrittenValue<Value> = Value extends string | number | undefined ? Value : string;

/** Nothing need be given where nothing is required. */
export type CallArguments<R extends AnyRoute> =
  Record<never, never> extends CallOptions<R> ? [options?: CallOptions<R>] : [options: CallOptions<R>];

export interface ClientCall<R extends AnyRoute> {
  /**
   * Calls the route, and gives what its answer holds: what JSON says, a text, or bytes; undefined for an answer without a body.
   * @throws ClientError for an answer that is an error.
   * @throws TypeError for a parameter that no path can have, and if the server can't be reached.
   */
  (...options: CallArguments<R>): Promise<AnswerOf<R>>;
  /** Calls the route, and gives the answer itself, an error's as well: for its status and headers, and for streams. */
  response(...options: CallArguments<R>): Promise<Response>;
}

export type Client<Api extends ApiRoutes> = { readonly [Name in keyof Api]: ClientCall<Api[Name]> };

/**
 * A client for routes that the server exports:
 *
 *     import type { api } from "./server.ts";
 *
 *     const notes = client<typeof api>("https://example.com");
 *     const note = await notes.show({ params: { id: 7 } });
 *
 * @param base where the app is: an origin, with a path where it is mounted; in a browser a path alone will do, and "" is the page's origin.
 */
export function client<Api extends ApiRoutes>(
  base: string | URL,
  options: ClientOptions<Api> = {},
): Client<Api> {
  const caller = new Caller(String(base).replace(/\/$/, ""), options as ClientOptions<ApiRoutes>);
  const calls = new Map<string, unknown>();
  return new Proxy(Object.create(null) as Client<Api>, {
    get(_, name) {
      // A client that is awaited is no promise.
      if (typeof name !== "string" || name === "then") return undefined;
      let call = calls.get(name);
      if (call === undefined) {
        call = Object.assign((given?: LooseCall) => caller.call(name, given ?? {}), {
          response: (given?: LooseCall) => caller.send(name, given ?? {}),
        });
        calls.set(name, call);
      }
      return call;
    },
  });
}

/** A call as it is made, whatever its types were. */
interface LooseCall extends CallSettings {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: UrlQuery;
  readonly json?: unknown;
  readonly form?: UrlQuery;
}

class Caller {
  readonly #base: string;
  readonly #options: ClientOptions<ApiRoutes>;
  readonly #fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly #routes: Map<string, ParsedRoute> = new Map();
  #reading: Promise<void> | undefined;

  constructor(base: string, options: ClientOptions<ApiRoutes>) {
    this.#base = base;
    this.#options = options;
    this.#fetch = options.fetch ?? ((url, init) => fetch(url, init));
    for (const [name, route] of Object.entries(options.routes ?? {}))
      this.#routes.set(name, parseRoute(route));
  }

  async call(name: string, call: LooseCall): Promise<unknown> {
    const response = await this.send(name, call);
    const body = await contentOf(response);
    if (response.ok) return body;
    throw new ClientError(name, response, body);
  }

  async send(
    name: string,
    { params = {}, query, json, form, headers, signal }: LooseCall,
  ): Promise<Response> {
    const route = this.#routes.get(name) ?? (await this.#find(name));
    const url = writeRoute(route, this.#base, params) + (query === undefined ? "" : writeQuery(query));
    const { init, headers: own } = this.#options;
    const fields = new Headers(init?.headers);
    for (const each of [typeof own === "function" ? await own() : own, headers]) {
      for (const [field, value] of Object.entries(each ?? {})) fields.set(field, value);
    }
    const body = json !== undefined ? JSON.stringify(json) : form !== undefined ? toSearchParams(form) : null;
    if (json !== undefined && !fields.has("content-type")) fields.set("content-type", "application/json");
    // A route for every method gets what suits the call.
    const method = route.method === "ALL" ? (body === null ? "GET" : "POST") : route.method;
    return this.#fetch(url, {
      ...init,
      method,
      headers: fields,
      ...(body === null ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  /** Looks for a route in the app's document, which is read once. */
  async #find(name: string): Promise<ParsedRoute> {
    if (this.#options.routes === undefined) {
      this.#reading ??= this.#read().catch((error: unknown) => {
        this.#reading = undefined;
        throw error;
      });
      await this.#reading;
    }
    const route = this.#routes.get(name);
    if (route !== undefined) return route;
    throw new TypeError(
      `no route is named ${JSON.stringify(name)}; there are: ${[...this.#routes.keys()].join(", ")}`,
    );
  }

  async #read(): Promise<void> {
    const url = this.#base + (this.#options.document ?? "/openapi.json");
    const response = await this.#fetch(url, { ...this.#options.init });
    const document = (await contentOf(response)) as {
      readonly "x-routes"?: Readonly<Record<string, string>>;
    };
    const routes = response.ok ? document?.["x-routes"] : undefined;
    if (routes === undefined) {
      throw new TypeError(
        `the routes are not at ${url} (${response.status}): have the app register apiDocs({ api }), or give the client its routes`,
      );
    }
    for (const [name, text] of Object.entries(routes)) this.#routes.set(name, parseRoute(text));
  }
}

/** What an answer holds, by its media type. */
async function contentOf(response: Response): Promise<unknown> {
  const type = (response.headers.get("content-type") ?? "").toLowerCase();
  if (/^[^;]*[/+]json\s*(;|$)/.test(type)) {
    const text = await response.text();
    return text === "" ? undefined : JSON.parse(text);
  }
  if (type.startsWith("text/")) return response.text();
  const bytes = new Uint8Array(await response.arrayBuffer());
  return bytes.byteLength === 0 ? undefined : bytes;
}
