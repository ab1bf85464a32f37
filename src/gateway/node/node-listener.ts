/** What is taken for a Node-style application. */
import type { IncomingMessage, ServerResponse } from "node:http";

/** A listener of `node:http`'s `request` event: an Express or Connect app is one, Koa's `callback()` and Fastify's `routing` are. */
export type NodeListener = (request: IncomingMessage, response: ServerResponse) => unknown;

/** What is used of an `http.Server` or `https.Server`: its listeners. It does not listen itself. */
export interface NodeServer {
  emit(event: string, ...values: unknown[]): boolean;
  listenerCount(event: string): number;
  rawListeners?(event: string): unknown[];
  /** Whether a client that has ended its side is still answered. */
  readonly httpAllowHalfOpen?: boolean;
  /** Milliseconds without any traffic after which a socket's "timeout" is emitted; 0 for never. */
  readonly timeout: number;
}
