/**
 * Servers that a program makes and listens with, taken hold of before they bind anything: in a process that serves the program's
 * application itself. What differs for the program: docs/gateway.md, "Files that listen themselves".
 */
import * as http from "node:http";
import * as https from "node:https";
import * as net from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import type { Address } from "../../net/address.ts";

/** A server of `node:http`, or of `node:https`. */
export type HttpServer = http.Server;

/** A server of the program that has begun to listen, as it thinks. */
export interface CapturedServer {
  readonly server: http.Server;
  /** What the program has called: `listen(3000)`. */
  readonly call: string;
}

/** Whether a server belongs to the application that is served. */
export type OwnServerTest = (server: http.Server) => boolean;

type ListenArguments = readonly unknown[];

/** What a server was told that listens as it thinks. */
class Capture implements CapturedServer {
  readonly server: http.Server;
  readonly call: string;
  readonly args: ListenArguments;
  /** Whether it is closed, and its "close" waits for the requests in flight. */
  closing = false;

  constructor(server: http.Server, call: string, args: ListenArguments) {
    this.server = server;
    this.call = call;
    this.args = args;
  }
}

/** Node's own methods of one class of servers. */
interface Originals {
  readonly listen: (...args: ListenArguments) => http.Server;
  readonly close: (callback?: (error?: Error) => void) => http.Server;
}

/**
 * The servers of `node:http` and `node:https` that have begun to listen in this process. None of them binds anything until
 * `settle` says whose they are. `listen(0)`, a descriptor and a handle are Node's affair from the start.
 */
export class CapturedServers {
  readonly #address: Address | null;
  readonly #captured = new Map<http.Server, Capture>();
  readonly #originals = new Map<object, Originals>();
  /** Null until it is known which application is served. */
  #isOwn: OwnServerTest | null = null;
  #served = true;
  #onClose: (() => void) | undefined;

  /** @param address what `address()` tells; null for what the program has asked for */
  constructor(address: Address | null) {
    this.#address = address;
  }

  /** Those that listen as they think. */
  get list(): readonly CapturedServer[] {
    return [...this.#captured.values()];
  }

  /**
   * Says which servers are the application's own. They never listen; the others do so now, and from here on when they are asked.
   * What any of them does in its own "listening" has been done before this resolves.
   */
  async settle(isOwn: OwnServerTest): Promise<void> {
    await turn();
    this.#isOwn = isOwn;
    for (const captured of [...this.#captured.values()]) {
      if (!isOwn(captured.server)) this.#release(captured);
    }
  }

  /** What is called when the application closes a server of its own: it wants to serve no longer. Set once. */
  onClose(take: () => void): void {
    this.#onClose = take;
    if ([...this.#captured.values()].some(({ closing }) => closing)) take();
  }

  /** Says that no request is in flight any more, and none will come. What waits for a server's end is told. */
  drained(): void {
    this.#served = false;
    for (const captured of [...this.#captured.values()]) {
      if (captured.closing) this.#end(captured.server);
    }
  }

  /** Closes the application's servers that are still open, as they think. */
  closeRest(): void {
    for (const server of [...this.#captured.keys()]) server.close();
  }

  /** Puts the replacements into a class of servers. */
  replaceIn(prototype: http.Server): void {
    const captured = this.#captured;
    const begin: (server: http.Server, args: ListenArguments) => boolean = (server, args) =>
      this.#begin(server, args);
    const addressOf: (capture: Capture) => unknown = (capture) => this.#addressOf(capture);
    const close: (capture: Capture, callback: unknown) => void = (capture, callback) =>
      this.#close(capture, callback);
    const originals: Originals = { listen: prototype.listen as never, close: prototype.close };
    this.#originals.set(prototype, originals);
    const isListening = Object.getOwnPropertyDescriptor(net.Server.prototype, "listening")?.get;
    const realAddress = prototype.address;
    const replacements = {
      listen(this: http.Server, ...args: unknown[]): http.Server {
        return begin(this, args) ? this : originals.listen.apply(this, args);
      },
      close(this: http.Server, callback?: (error?: Error) => void): http.Server {
        const capture = captured.get(this);
        if (capture === undefined) return originals.close.call(this, callback);
        close(capture, callback);
        return this;
      },
      address(this: http.Server): unknown {
        const capture = captured.get(this);
        return capture === undefined ? realAddress.call(this) : addressOf(capture);
      },
      get listening(): boolean {
        const server = this as unknown as http.Server;
        const capture = captured.get(server);
        return capture === undefined ? isListening?.call(server) === true : !capture.closing;
      },
    };
    for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(replacements))) {
      Object.defineProperty(prototype, name, { ...descriptor, enumerable: false });
    }
  }

  /** Returns whether the server is taken hold of. */
  #begin(server: http.Server, args: ListenArguments): boolean {
    if (this.#captured.has(server)) {
      const error = new Error("Listen method has been called more than once without closing.");
      throw Object.assign(error, { code: "ERR_SERVER_ALREADY_LISTEN" });
    }
    const asked = readArguments(args);
    if (asked === undefined || server.listening || this.#isOwn?.(server) === false) return false;
    const captured = new Capture(server, asked.call, args);
    this.#captured.set(server, captured);
    const callback = args.at(-1);
    if (typeof callback === "function") server.once("listening", callback as () => void);
    process.nextTick(() => {
      if (this.#captured.get(server) === captured && !captured.closing) server.emit("listening");
    });
    const { signal } = asked;
    if (signal?.aborted) process.nextTick(() => server.close());
    else signal?.addEventListener("abort", () => server.close(), { once: true });
    return true;
  }

  /** Lets Node listen. The server has had its "listening" already. */
  #release({ server, args }: Capture): void {
    this.#captured.delete(server);
    const listeners = server.rawListeners("listening") as (() => void)[];
    server.removeAllListeners("listening");
    server.once("listening", () => {
      for (const listener of listeners) server.on("listening", listener);
    });
    const rest = typeof args.at(-1) === "function" ? args.slice(0, -1) : args;
    this.#originalsOf(server).listen.apply(server, rest as unknown[]);
  }

  #close(captured: Capture, callback: unknown): void {
    const { server } = captured;
    if (typeof callback === "function") server.once("close", callback as () => void);
    if (captured.closing) return;
    captured.closing = true;
    if (this.#served && this.#isOwn !== null) this.#onClose?.();
    else this.#end(server);
  }

  /** Node's own close, which emits "close". */
  #end(server: http.Server): void {
    this.#captured.delete(server);
    this.#originalsOf(server).close.call(server);
  }

  #originalsOf(server: http.Server): Originals {
    for (const [prototype, originals] of this.#originals) {
      if (Object.prototype.isPrototypeOf.call(prototype, server)) return originals;
    }
    throw new TypeError("no server of node:http or node:https");
  }

  #addressOf({ args, closing }: Capture): unknown {
    if (closing) return null;
    const { path, host, port } = readArguments(args) ?? {};
    const at: Address =
      this.#address ??
      (path !== undefined
        ? { kind: "unix", path }
        : { kind: "tcp", host: host === undefined || net.isIP(host) === 0 ? "::" : host, port: port ?? 0 });
    if (at.kind === "unix") return at.path;
    return { address: at.host, family: net.isIPv6(at.host) ? "IPv6" : "IPv4", port: at.port };
  }
}

let captured: CapturedServers | undefined;

/**
 * Replaces `listen`, and what belongs to it, of the servers of `node:http` and `node:https` in this process, for good. For
 * processes that are Socle's own. A second call gives what the first one gave.
 * @param address where the application is served, which is what its servers' `address()` tells; null where that is not known
 */
export function captureServers(address: Address | null): CapturedServers {
  if (captured === undefined) {
    captured = new CapturedServers(address);
    captured.replaceIn(http.Server.prototype);
    captured.replaceIn(https.Server.prototype as unknown as http.Server);
  }
  return captured;
}

interface Asked {
  readonly call: string;
  readonly port?: number;
  readonly host?: string | undefined;
  readonly path?: string;
  readonly signal?: AbortSignal | undefined;
}

/** What `listen` is asked for: a port or a path. Undefined for anything else, and for port 0, which is any that is free. */
function readArguments(args: ListenArguments): Asked | undefined {
  const [first, second] = args;
  if (typeof first === "object" && first !== null) {
    const { port, host, path, fd, _handle, handle, signal } = first as Readonly<Record<string, unknown>>;
    if (fd !== undefined || _handle !== undefined || handle !== undefined) return undefined;
    const asked = typeof path === "string" && port === undefined ? atPath(path) : atPort(port, host);
    return asked && { ...asked, signal: signal instanceof AbortSignal ? signal : undefined };
  }
  if (typeof first === "string" && Number.isNaN(Number(first))) return atPath(first);
  return typeof first === "function" ? atPort(undefined, undefined) : atPort(first, second);
}

function atPath(path: string): Asked {
  return { path, call: `listen(${JSON.stringify(path)})` };
}

function atPort(given: unknown, host: unknown): Asked | undefined {
  const named = { host: typeof host === "string" ? host : undefined };
  if (given === undefined || given === null) return { ...named, port: 0, call: "listen()" };
  const port = Number(given);
  // What Node would refuse it shall refuse.
  if (!Number.isInteger(port) || port <= 0 || port > 65535) return undefined;
  return { ...named, port, call: `listen(${port})` };
}
