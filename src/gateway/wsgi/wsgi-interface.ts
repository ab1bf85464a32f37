/** WSGI (PEP 3333), carried over to TypeScript: what an application is, and what it is given. The rules stand in docs/gateway/wsgi.md. */
import type { Environ } from "./environ.ts";

/**
 * A WSGI application: called once for each request, calls `startResponse`, and returns the body. Middleware is one as well, made
 * of another.
 */
export type WsgiApplication = (
  environ: Environ,
  startResponse: StartResponse,
) => WsgiIterable | Promise<WsgiIterable>;

/**
 * The body's pieces: an array, a generator, an async generator, a stream. `close`, where there is one, is called exactly
 * once, when the request is over, however it ends.
 */
export type WsgiIterable = (Iterable<Uint8Array> | AsyncIterable<Uint8Array>) & WsgiClosable;

export interface WsgiClosable {
  close?(): void | Promise<void>;
}

/** Header fields: pairs, in the order in which they are to be sent; a name may come again. */
export type WsgiHeaders = readonly (readonly [name: string, value: string])[];

/**
 * Says with what the answer begins. Nothing is sent before the body's first piece that is not empty, so it can be called
 * again, with `excInfo`, when something fails until then.
 * @param status such as `200 OK`
 * @param excInfo the error that is being answered. If the headers have been sent already, it is thrown again.
 * @throws WsgiError for a second call without `excInfo`, and for a status or headers that can't be sent
 */
export type StartResponse = (status: string, headers: WsgiHeaders, excInfo?: unknown) => WsgiWrite;

/**
 * Sends a piece of the body ahead of those that are returned: for code that can't return an iterable. A promise says that the
 * client is slower: wait for it before writing more.
 */
export type WsgiWrite = (piece: Uint8Array) => Promise<void> | undefined;

/** A breach of WSGI's rules by the application. The message says which, and what would be right. */
export class WsgiError extends Error {
  override readonly name: string = "WsgiError";
}
