/** Tells by its shape what kind of application a value is. Nothing is called, and nothing of it is changed. */
import { inspect } from "node:util";
import { type Application, hasMethod, isApplication, isObject } from "./application.ts";
import type { FetchTarget } from "./fetch/fetch-application.ts";
import type { NodeListener, NodeServer } from "./node/node-application.ts";
import { parameterNames } from "./parameter-names.ts";
import { kindOf } from "./wsgi/kind-of.ts";
import type { WsgiApplication } from "./wsgi/wsgi-interface.ts";

/** What others' applications speak; see docs/gateway.md. */
export type Interface = "fetch" | "wsgi" | "node";

/** Every interface, in the order in which they are named to people. */
export const interfaces: readonly Interface[] = ["fetch", "wsgi", "node"];

/** An application, and what it speaks. `what` is for people: `a Hono app`. */
export type Classified =
  | { readonly kind: "socle"; readonly what: string; readonly target: Application }
  | { readonly kind: "fetch"; readonly what: string; readonly target: FetchTarget }
  | { readonly kind: "wsgi"; readonly what: string; readonly target: WsgiApplication }
  | { readonly kind: "node"; readonly what: string; readonly target: NodeTarget };

/** What becomes a Node listener, or is one. */
export type NodeTarget = NodeListener | NodeServer | KoaApplication | FastifyInstance;

/** What is no application, or can't be told to be one. */
export interface Unknown {
  readonly kind: "unknown";
  /** What it is, for people: `a function of (a, b)`. */
  readonly what: string;
  /** Whether it is a function that could be an application of some kind, or could make one. */
  readonly open: boolean;
}

/** What is used of a Koa application. */
export interface KoaApplication {
  /** Makes the listener. */
  callback(): NodeListener;
}

/** What is used of a Fastify instance. */
export interface FastifyInstance {
  readonly server: NodeServer;
  ready(): PromiseLike<unknown>;
  close(): PromiseLike<unknown>;
}

/** @param as what it speaks, where its shape alone shall not decide */
export function classify(value: unknown, as?: Interface): Classified | Unknown {
  switch (as) {
    case undefined:
      return bySocle(value) ?? byFetch(value) ?? byNode(value) ?? byParameters(value) ?? unknown(value);
    case "fetch":
      return byFetch(value) ?? asFunction(value, "fetch") ?? unknown(value);
    case "wsgi":
      return asFunction(value, "wsgi") ?? unknown(value);
    case "node":
      return byNode(value) ?? asFunction(value, "node") ?? unknown(value);
  }
}

/** What is used of an Elysia instance. */
export interface ElysiaInstance {
  /** Resolves when the plugins are there that are loaded later, by `use(import(…))`. */
  readonly modules: PromiseLike<unknown>;
}

/** Whether it is Elysia's. */
export function isElysia(value: unknown): value is ElysiaInstance {
  return isObject(value) && "~adapter" in value && "modules" in value;
}

/** Whether it is Fastify's. Its plugins and routes are there after `ready`, and `close` ends it. */
export function isFastify(value: unknown): value is FastifyInstance {
  return (
    hasMethod(value, "ready") &&
    hasMethod(value, "inject") &&
    hasMethod(value, "routing") &&
    "server" in value
  );
}

/** Whether it is Koa's: an object that makes the listener. */
export function isKoa(value: unknown): value is KoaApplication {
  return hasMethod(value, "callback") && hasMethod(value, "createContext") && "middleware" in value;
}

function bySocle(value: unknown): Classified | undefined {
  if (!isApplication(value)) return undefined;
  const isApp = "routes" in value && hasMethod(value, "route");
  return { kind: "socle", what: isApp ? "a Socle App" : "an Exchange application", target: value };
}

function byFetch(value: unknown): Classified | undefined {
  if (!hasMethod(value, "fetch")) return undefined;
  return { kind: "fetch", what: fetchAppName(value), target: value as unknown as FetchTarget };
}

/** By the property that nobody but the framework has. */
function fetchAppName(app: object): string {
  if ("getPath" in app && "fire" in app) return "a Hono app";
  if ("~routes" in app) return "an h3 app";
  if (isElysia(app)) return "an Elysia app";
  if ("routes" in app && Array.isArray(app.routes) && Array.isArray(app.routes[0]))
    return "an itty-router app";
  return wordFor.fetch;
}

function byNode(value: unknown): Classified | undefined {
  if (isFastify(value)) return { kind: "node", what: "a Fastify app", target: value };
  if (isKoa(value)) return { kind: "node", what: "a Koa app", target: value };
  if (!isObject(value) || !hasMethod(value, "listen")) return undefined;
  const what = nodeAppName(value);
  return what === undefined ? undefined : { kind: "node", what, target: value as unknown as NodeTarget };
}

function nodeAppName(value: object): string | undefined {
  if (typeof value === "function") {
    if (hasMethod(value, "engine") && hasMethod(value, "set")) return "an Express app";
    return hasMethod(value, "handle") ? "a Connect app" : undefined;
  }
  if (!("headersTimeout" in value && hasMethod(value, "listeners"))) return undefined;
  return hasMethod(value, "setSecureContext") ? "a node:https server" : "a node:http server";
}

const wordFor: Readonly<Record<Interface, string>> = {
  fetch: "a fetch handler",
  wsgi: "a WSGI application",
  node: "a Node listener",
};

function asFunction(value: unknown, kind: Interface): Classified | undefined {
  if (typeof value !== "function" || isClass(value)) return undefined;
  return { kind, what: wordFor[kind], target: value } as Classified;
}

function byParameters(value: unknown): Classified | undefined {
  if (typeof value !== "function" || isClass(value) || isRouter(value)) return undefined;
  const kind = interfaceOf(value as (...args: never[]) => unknown);
  return kind === undefined ? undefined : asFunction(value, kind);
}

/** What a request is called where it is a parameter; one that is not used is called `_`. */
const requestName = /^(?:_+|_*(?:req|request|incoming))$/i;
/** What the one parameter of a function is called that makes an application. */
const factoryName = /^_*(?:app|config|context|ctx|environ|event|fastify|opts|options|server|settings)$/i;

/** The second parameter decides, if the first does not speak against it. */
const secondNames: readonly (readonly [kind: Interface, first: RegExp, second: RegExp])[] = [
  ["node", requestName, /^_*(?:res|resp|response|outgoing)$/i],
  ["wsgi", /^(?:_+|_*(?:env|environ))$/i, /^_*start_?response$/i],
  ["fetch", /^(?:\{\}|_+|_*(?:req|request))$/i, /^_*(?:env|ctx|context|info|server)$/i],
];

/** What a function takes, by what its parameters are called; undefined where that tells nothing. */
function interfaceOf(value: (...args: never[]) => unknown): Interface | undefined {
  if (/^(?:bound )?fetch$/.test(value.name)) return "fetch";
  const names = parameterNames(value);
  if ((names?.length ?? value.length) === 1) {
    const name = names?.[0] ?? "";
    return factoryName.test(name) || name.startsWith("...") ? undefined : "fetch";
  }
  const [first = "", second = ""] = names ?? [];
  return secondNames.find(([, one, two]) => one.test(first) && two.test(second))?.[0];
}

/** What a value is that is no application, in a few words: `the number 5`, `an object of class Foo`, `a function of (a, b)`. */
export function describe(value: unknown): string {
  if (value === undefined || typeof value === "object") return kindOf(value);
  if (typeof value !== "function") return `the ${typeof value} ${inspect(value)}`;
  if (isClass(value)) return "a class";
  if (isRouter(value))
    return "an Express router (a part of an application: app.use(router) puts it into one)";
  const names = parameterNames(value as (...args: never[]) => unknown);
  if (names === undefined)
    return `a function of ${value.length === 1 ? "1 parameter" : `${value.length} parameters`}`;
  return names.length === 0 ? "a function without parameters" : `a function of (${names.join(", ")})`;
}

function unknown(value: unknown): Unknown {
  const open = typeof value === "function" && !isClass(value) && !isRouter(value);
  return { kind: "unknown", what: describe(value), open };
}

/** Express's `Router()` and the like are called with a third argument, by the application that they are in. */
function isRouter(value: object): boolean {
  return hasMethod(value, "handle") && "stack" in value && !("listen" in value);
}

function isClass(value: object): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}
