/**
 * `Exchange`: one request and the one answer to it. This is the contract between
 * the engine below and every application above, whatever HTTP version was spoken.
 * Its rules stand in docs/gateway.md.
 */
import type { Endpoints, Transport } from "../net/transport/transport.ts";
import type { FieldSection } from "./field-section.ts";

/**
 * Response header fields: name, value, name, value, … A flat list is the cheapest
 * shape to build and to walk; it keeps order and repeated names (`set-cookie`).
 * It must not change after it was handed over.
 */
export type HeaderList = readonly string[];

/** What takes exchanges. A returned promise is only watched for its rejection. */
export type ExchangeHandler = (exchange: Exchange) => void | Promise<void>;

export interface Exchange {
  /** As sent; methods are case-sensitive (RFC 9110 §9.1). */
  readonly method: string;
  /**
   * The request target (RFC 9112 §3.2) in origin-form, `/path?query`, with its percent-encoding as sent;
   * `*` for OPTIONS. An absolute-form target is taken apart: its host went into `authority`.
   */
  readonly target: string;
  readonly httpVersion: "1.0" | "1.1" | "2.0";
  readonly scheme: "http" | "https";
  /** The checked host (and port) that the request is for; "" only where HTTP/1.0 sent none. */
  readonly authority: string;
  /** Request fields. Nothing is built before this is first read. */
  readonly headers: FieldSection;
  /** The request's content, or null when the request has none. */
  readonly body: RequestBody | null;
  readonly connection: Endpoints;
  /** Aborted when the client goes away before the answer is complete. Made when first read. */
  readonly signal: AbortSignal;
  /** True once an answer was begun: `respond` or `start` can't be called any more. */
  readonly started: boolean;
  /** True once nothing more can be sent: the answer is complete, or the client has gone. */
  readonly closed: boolean;

  /**
   * The whole answer at once. A string is sent as UTF-8. The engine adds
   * `content-length` and `date`, and leaves the body out where there may be none
   * (HEAD, 204, 304). `connection: close` among the headers ends an HTTP/1 connection behind the
   * answer; HTTP/2 leaves it out.
   * @param reason for applications that write a status line of their own, as Node's do: the reason phrase to be sent
   *   (by default the standard one). With it, HTTP/1 takes 101, which ends the connection, and 600 to 999 too. HTTP/2 has
   *   no reason phrases, and leaves it out.
   * @throws ExchangeError if an answer was begun already, the status is not an
   *   integer from 200 to 599, or a field may not be sent (its name is in the message).
   */
  respond(status: number, headers: HeaderList, body: string | Uint8Array | null, reason?: string): void;

  /**
   * Begins an answer whose body follows piece by piece. With a `content-length`
   * in `headers` exactly that many bytes must follow; without one the body is
   * chunked (HTTP/1.1) or ends with the connection (HTTP/1.0).
   * @throws ExchangeError as `respond`.
   */
  start(status: number, headers: HeaderList, reason?: string): ResponseWriter;

  /**
   * The protocols that the client would rather speak on this connection, as its Upgrade field names them, or null.
   * Null as well where they can't be agreed to: in HTTP/1.0 and HTTP/2, and with a body.
   */
  readonly upgradeOffer: string | null;
  /**
   * Takes the connection over: answers 101 and hands out the byte stream (RFC 9110 §7.8), which from then on is the caller's
   * to end. Bytes that have come already are the first that its protocol gets.
   * @param protocol one of the offered, such as `websocket`
   * @throws ExchangeError if nothing was offered, or as `respond`
   */
  upgrade(protocol: string, headers: HeaderList): Transport;

  /** An interim answer (RFC 9110 §15.2), such as 103; not sent to HTTP/1.0 clients. */
  inform(status: number, headers: HeaderList): void;

  /** Cuts the connection: the client sees a broken answer, never a short one taken for whole. */
  abort(): void;

  /**
   * For adapters that show an application its connection as a socket. Left out where a connection has several exchanges at
   * once (HTTP/2), and where it is another server's.
   */
  readonly connectionControl?: ConnectionControl | undefined;
}

/** A connection that has one exchange at a time, one after the other. */
export interface ConnectionControl {
  /**
   * Takes a client that has ended its side (FIN), or does so before the exchange under way is answered, for one that has gone,
   * at once: as `node:http` does. Otherwise it is answered, if that does not take too long.
   */
  endWithClient(): void;
  /** Tells once when the connection is closed, be it between two exchanges. */
  watchClose(watcher: CloseWatcher): void;
  /** Sends what is queued and ends the connection. The client of an exchange under way has then gone. */
  end(): void;
}

/** Who wants to know of a connection's end. */
export interface CloseWatcher {
  connectionClosed(): void;
}

/** The request's content: a stream that is read once and that holds the sender while nobody reads. */
export interface RequestBody extends AsyncIterable<Uint8Array> {
  /** Bytes announced by Content-Length, or null for chunked. */
  readonly length: number | null;
  /** Most bytes that will be read (default: the server's `maxBodyBytes`). May be changed until the first read. */
  maxBytes: number;
  /**
   * The next piece, or null at the end. The piece is the caller's to keep.
   * @throws RequestError 413 beyond `maxBytes`; 400 for malformed chunks or when the client left early; 408 past a deadline.
   */
  read(): Promise<Uint8Array | null>;
  /** All that is left, as one array. Throws as `read`. */
  bytes(): Promise<Uint8Array>;
  /**
   * The whole content at once, if all of it has come and none was read; null, and nothing is read, where one has to wait.
   * The bytes are only lent: they are overwritten once the caller returns to the event loop. Bodies that always have to wait
   * leave it out.
   */
  readWhole?(): Uint8Array | null;
  /** Trailer fields, once the end was read and if there were any (RFC 9110 §6.5). They are never merged into `headers`. */
  readonly trailers: FieldSection | null;
}

/** The body of an answer that was begun with `start`. */
export interface ResponseWriter {
  /**
   * Sends a piece (a string as UTF-8). Returns a promise when the client is slower than the
   * producer: wait for it before writing more. It resolves as well when the client
   * has gone; look at `exchange.closed` or `exchange.signal` to stop early.
   * @throws ExchangeError after `end`, or beyond the announced content-length.
   */
  write(chunk: string | Uint8Array): Promise<void> | undefined;
  /**
   * Completes the answer.
   * @throws ExchangeError if fewer bytes were written than content-length announced (the connection is cut).
   */
  end(trailers?: HeaderList): void;
}
