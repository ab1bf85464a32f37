/** What serves a connection: a function, a class with one instance for each connection, or a module that has either. */
import type { Connection } from "../connection/connection.ts";

/**
 * Serves one connection. When it returns, or what it returns resolves, the connection is ended after what
 * is queued; when it throws, the connection is cut and the error goes to the server's `onError`.
 *
 * @param closing aborted when the server closes. The connection lives on until its handler has finished, or the
 *   deadline has come: a handler that waits for a next message stops waiting, `connection.readLine({ signal: closing })`.
 *   One signal serves all connections, so a listener that is added to it has to be removed again.
 */
export type ConnectionHandler = (connection: Connection, closing: AbortSignal) => unknown;

/**
 * The class form of a handler, as in Python's socketserver: every connection gets an instance of its own, so
 * that what belongs to a connection can stand in fields.
 *
 *     class Greeter extends Handler {
 *       name = "";
 *       override async setup(connection: Connection) { this.name = (await connection.readLine()) ?? ""; }
 *       async handle(connection: Connection) { await connection.write(`hello ${this.name}\n`); }
 *     }
 */
export abstract class Handler {
  /** Called first. */
  setup?(connection: Connection, closing: AbortSignal): unknown;
  /** Serves the connection. Not called when `setup` has thrown. */
  abstract handle(connection: Connection, closing: AbortSignal): unknown;
  /** Called last, whatever `setup` and `handle` came to, and even where the connection is lost. */
  finish?(connection: Connection, closing: AbortSignal): unknown;
}

/** A class of handlers, with a constructor that needs no arguments. */
export type HandlerClass = new () => Handler;

/**
 * A module whose default export, or else its export `handler`, is a handler: what the models `threads` and
 * `processes` need, since a function can't be handed to another thread. A path is relative to the working directory.
 */
export interface HandlerModule {
  readonly module: string | URL;
}

/** Whether a value of unknown origin is a handler: a function, or a class with the method `handle`. */
export function isHandler(value: unknown): value is ConnectionHandler | HandlerClass {
  if (typeof value !== "function") return false;
  return isHandlerClass(value) || !/^class\b/.test(Function.prototype.toString.call(value));
}

/** The function that serves connections by either form of a handler. */
export function toConnectionHandler(handler: ConnectionHandler | HandlerClass): ConnectionHandler {
  if (!isHandlerClass(handler)) return handler;
  return (connection, closing) => serveByInstance(new handler(), connection, closing);
}

/** By its shape, not by `instanceof`: the user's module may have come by another copy of this one. */
function isHandlerClass(handler: object): handler is HandlerClass {
  const prototype: unknown = (handler as { prototype?: unknown }).prototype;
  return typeof (prototype as Partial<Handler> | null | undefined)?.handle === "function";
}

async function serveByInstance(
  instance: Handler,
  connection: Connection,
  closing: AbortSignal,
): Promise<void> {
  const errors: unknown[] = [];
  try {
    await instance.setup?.(connection, closing);
    await instance.handle(connection, closing);
  } catch (error) {
    errors.push(error);
  }
  try {
    await instance.finish?.(connection, closing);
  } catch (error) {
    errors.push(error);
  }
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, "a handler threw, and its finish() as well");
}
