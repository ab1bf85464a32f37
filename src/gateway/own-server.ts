/** Which server is a module's application, where the module listens itself; and which servers belong to an application that it exports. */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { hasMethod, isObject } from "./application.ts";
import { type Classified, classify, type FastifyInstance, isFastify, isKoa } from "./classify.ts";
import type { CapturedServer, CapturedServers, HttpServer } from "./node/captured-servers.ts";
import type { NodeListener } from "./node/node-listener.ts";

/** Milliseconds that a module has, once it is loaded, to begin to listen, while it is still at something. */
const patience = 8000;
/** Milliseconds between two looks. */
const interval = 10;

/** A server that is an application. */
export interface OwnServer {
  /** What is to be served. */
  readonly classified: Classified;
  /** The framework's app behind it, or the server itself. */
  readonly target: Classified["target"];
  /** What it is, for people: `an Express app`. */
  readonly what: string;
  /** What the module has called: `listen(3000)`. */
  readonly call: string;
}

/** Looks after the servers of one module, from before it is loaded until it is known what is served. */
export class OwnServers {
  readonly #servers: CapturedServers;
  /** Fastify's apps, which tell of themselves: from a server there is no way to its app. */
  readonly #fastify: FastifyInstance[] = [];
  readonly #before: ReadonlyMap<string, number>;

  constructor(servers: CapturedServers) {
    this.#servers = servers;
    subscribe("fastify.initialization", this.#onFastify);
    // They count among what keeps a process alive from when they are first used.
    void process.stdout;
    void process.stderr;
    this.#before = countActive();
  }

  /**
   * The servers that have begun to listen, for one application each. Where there is none yet, and the module is still at
   * something, it is waited for.
   */
  async find(): Promise<readonly OwnServer[]> {
    const deadline = performance.now() + patience;
    await turn();
    while (this.#servers.list.length === 0 && performance.now() < deadline && this.#isBusy()) {
      await sleep(interval);
    }
    // What is done in "listening" is done, and a second server there.
    await turn();
    const found: CapturedServer[] = [];
    for (const captured of this.#servers.list) {
      if (!found.some(({ server }) => shareListener(server, captured.server))) found.push(captured);
    }
    return found.map((captured) => this.#identify(captured));
  }

  /** Whether one has begun to listen. */
  get any(): boolean {
    return this.#servers.list.length > 0;
  }

  /**
   * Lets all servers listen that don't belong to the application.
   * @returns the calls of the others, such as `listen(3000)`
   */
  async settle(target: Classified["target"]): Promise<readonly string[]> {
    await this.#servers.settle((server) => belongsTo(server, target));
    return this.#servers.list.map(({ call }) => call);
  }

  /** Looks no longer. */
  stop(): void {
    unsubscribe("fastify.initialization", this.#onFastify);
  }

  readonly #onFastify = (message: unknown): void => {
    const { fastify } = message as { fastify?: unknown };
    if (isFastify(fastify)) this.#fastify.push(fastify);
  };

  #identify({ server, call }: CapturedServer): OwnServer {
    const fastify = this.#fastify.find((instance) => (instance.server as unknown) === server);
    const classified = classify(fastify ?? server) as Classified;
    const [listener] = server.listeners("request");
    const app = classify(listener);
    const named = app.kind === "node" && "listen" in app.target;
    if (fastify === undefined && named) return { classified, target: app.target, what: app.what, call };
    const what = isKoaListener(listener) ? "a Koa app" : classified.what;
    return { classified, target: classified.target, what, call };
  }

  /** Whether something keeps the process alive that did not before, other than sockets on which it listens. */
  #isBusy(): boolean {
    for (const [name, count] of countActive()) {
      const waits = name === "TCPServerWrap" || name === "PipeServerWrap";
      if (!waits && count > (this.#before.get(name) ?? 0)) return true;
    }
    return false;
  }
}

function countActive(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** Whether a server answers for the application, as far as that can be told. */
function belongsTo(server: HttpServer, target: Classified["target"]): boolean {
  const value: unknown = target;
  if (value === server) return true;
  const listeners: readonly unknown[] = server.listeners("request");
  if (listeners.includes(value)) return true;
  // `callback()` makes another function with every call.
  if (isKoa(value)) return listeners.some(isKoaListener);
  // Nothing tells which fetch handler is behind an adapter's listener: it is taken for the exported one.
  if (hasMethod(value, "fetch")) return listeners.some(isHonoListener);
  const main = isObject(value) && "server" in value ? value.server : value;
  return isServer(main) && (main === server || shareListener(main, server));
}

function isServer(value: unknown): value is HttpServer {
  const { kind, what } = classify(value);
  return kind === "node" && /^a node:https? server$/.test(what);
}

/** Whether both have the same function for requests: an application that listens at several addresses. */
function shareListener(one: HttpServer, other: HttpServer): boolean {
  const listeners = one.listeners("request");
  return other.listeners("request").some((listener) => listeners.includes(listener));
}

function isKoaListener(listener: unknown): boolean {
  return hasName(listener, "handleRequest") && sourceOf(listener).includes("this.createContext(");
}

/** Whether it is of @hono/node-server, which makes listeners of fetch handlers. */
function isHonoListener(listener: unknown): boolean {
  return hasName(listener, "") && /\bfetchCallback\(\s*req\b/.test(sourceOf(listener));
}

function hasName(value: unknown, name: string): value is NodeListener {
  return typeof value === "function" && value.name === name;
}

function sourceOf(value: NodeListener): string {
  return Function.prototype.toString.call(value);
}
