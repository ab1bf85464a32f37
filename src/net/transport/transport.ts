/**
 * The two halves of a callback-level byte stream. A `Transport` moves bytes; a
 * `Protocol` is driven by it. Protocol engines (HTTP) stand on this pair because
 * it costs no promise and no object per read or write.
 *
 * The division and the names are those of Python's asyncio (PEP 3153).
 */

import type { ProxiedEndpoints } from "./proxied-endpoints.ts";
import type { TlsFacts } from "./tls-facts.ts";

/** Where the two ends of a connection are. Fields are `undefined` where the system gives none (Unix sockets). */
export interface Endpoints {
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  /** True over TLS. */
  readonly encrypted: boolean;
  /** What TLS has agreed on; undefined without TLS. */
  readonly tls?: TlsFacts | undefined;
  /**
   * What a proxy has told of the connection (PROXY protocol), and the proxy's own address. The addresses above are then
   * the client's. Undefined for a client that connected by itself.
   */
  readonly proxied?: ProxiedEndpoints | undefined;
}

/** What a byte stream does to the protocol that is driven over it. */
export interface Protocol {
  /**
   * True where the protocol keeps most of what comes (a stream does). By default it is taken to use chunks up at once (HTTP
   * requests): a transport that has both ways gives chunks for good, or lends one buffer again and again.
   */
  readonly keepsChunks?: boolean;
  /** Bytes have come. Where `Transport.reusesChunks` is true they are overwritten once `onData` has returned. */
  onData(chunk: Uint8Array): void;
  /** The peer has ended its side; ours can still be written to. */
  onEnd(): void;
  /** The write buffer has fallen below its high-water mark after `write` returned false. */
  onDrain(): void;
  /** The stream is gone; nothing is called after this. `error` is null after an orderly close. */
  onClose(error: Error | null): void;
}

/** A byte stream, as the protocol above it sees it. */
export interface Transport extends Endpoints {
  /** Whether a chunk is only lent for the time of `onData`; otherwise it may be kept. */
  readonly reusesChunks: boolean;
  /** Attaches the protocol and starts reading. Called once. */
  start(protocol: Protocol): void;
  /**
   * Queues bytes for sending, in order. A string is latin1: one character is one
   * byte, and a character above U+00FF is a fault of the caller.
   * Returns false when the caller should wait for `onDrain` before it writes more.
   */
  write(data: string | Uint8Array): boolean;
  /** As two writes, sent together where the system can. */
  writePair(head: string, body: Uint8Array): boolean;
  /** Bytes accepted by `write` and not yet taken by the system. */
  readonly bufferedBytes: number;
  /** Stops `onData` until `resume`. The kernel's buffers fill, and so the peer is held. */
  pause(): void;
  resume(): void;
  /** Sends what is queued, then ends our side (FIN). */
  end(): void;
  /**
   * Sends what is queued, then ends both sides: for when nothing more of the peer is wanted, nor will come. Bytes that come
   * all the same are answered with a reset, which may overtake what was sent.
   */
  close(): void;
  /** Ends both sides at once, dropping what is queued. `onClose` follows. */
  destroy(): void;
}
