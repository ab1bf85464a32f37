/**
 * What is used of Node's request and response. `node:http`, `node:https` and the compatibility API of `node:http2` all
 * have it, so the two shapes stand for the classes of all three.
 */
import type { OutgoingHttpHeaders } from "node:http2";
import type { Duplex, Readable, Writable } from "node:stream";

/** A request as a Node server hands it to its listeners. */
export interface NodeRequest extends Readable {
  readonly method?: string | undefined;
  /** The request target; a framework may have cut the path off that it has mounted its listener at. */
  readonly url?: string | undefined;
  readonly httpVersion: string;
  /** Name, value, name, value, … as they came, pseudo-header fields of HTTP/2 among them. */
  readonly rawHeaders: string[];
  readonly rawTrailers: string[];
  /** Whether the request has come whole. */
  readonly complete: boolean;
  readonly socket: Duplex;
  /** HTTP/2 only. */
  readonly stream?: { readonly endAfterHeaders: boolean } | undefined;
  /** What Express has cut off from `url`. */
  readonly baseUrl?: string | undefined;
}

/** A response as a Node server hands it to its listeners. */
export interface NodeResponse extends Writable {
  statusCode: number;
  /** HTTP/1.1 only: HTTP/2 has none. */
  statusMessage?: string;
  readonly headersSent: boolean;
  setHeader(name: string, value: string | string[]): unknown;
  addTrailers(trailers: object): void;
  writeHead(status: number): unknown;
  /** HTTP/1.1 only; over HTTP/2 `writeHead` sends. */
  flushHeaders?(): void;
  /** HTTP/1.1 only: 102. */
  writeProcessing?(): void;
  /** 103. */
  writeEarlyHints?(hints: Record<string, string | string[]>): void;
  /** HTTP/2 only. */
  readonly stream?: {
    additionalHeaders(headers: OutgoingHttpHeaders): void;
    close(code: number): void;
  };
}
