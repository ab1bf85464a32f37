/** A `Transport` over any of Node's duplex streams: a TCP, TLS or Unix socket, or one end of a pair in a test. */
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { type Driven, drive, listenForData, listenForErrors } from "./driven-socket.ts";
import type { ProxiedEndpoints } from "./proxied-endpoints.ts";
import { SocketTlsFacts, type TlsFacts } from "./tls-facts.ts";
import type { Endpoints, Protocol, Transport } from "./transport.ts";

/** What a socket tells beyond a duplex stream. */
type Facts = { readonly [Key in keyof Endpoints]?: Endpoints[Key] | undefined };

export class SocketTransport implements Transport {
  readonly reusesChunks = false;
  readonly #socket: Driven & Facts;
  /** What a proxy has told of the connection. */
  readonly proxied: ProxiedEndpoints | undefined;

  /** @param proxied takes the place of the socket's own addresses */
  constructor(socket: Duplex, proxied?: ProxiedEndpoints) {
    this.#socket = socket;
    this.proxied = proxied;
    // A stream without an error listener takes the process down, so this comes before anything else.
    listenForErrors(socket);
  }

  get remoteAddress(): string | undefined {
    return (this.proxied ?? this.#socket).remoteAddress;
  }
  get remotePort(): number | undefined {
    return (this.proxied ?? this.#socket).remotePort;
  }
  get localAddress(): string | undefined {
    return (this.proxied ?? this.#socket).localAddress;
  }
  get localPort(): number | undefined {
    return (this.proxied ?? this.#socket).localPort;
  }
  get encrypted(): boolean {
    return this.#socket.encrypted === true;
  }
  /** What is known of the encryption; undefined where there is none. */
  get tls(): TlsFacts | undefined {
    return this.encrypted ? new SocketTlsFacts(this.#socket as Duplex as TLSSocket) : undefined;
  }

  start(protocol: Protocol): void {
    const socket = this.#socket;
    if (!drive(socket, protocol)) return;
    listenForData(socket);
    // A socket that had to wait for its turn was held.
    socket.resume();
  }

  /**
   * Gives the stream to a protocol that is no `Protocol` of ours, in place of `start`. Its endpoints are still told here, and its
   * errors have a listener; the rest is up to whoever takes it.
   */
  detach(): Duplex {
    return this.#socket;
  }

  write(data: string | Uint8Array): boolean {
    // To Node it is a fault of the stream, which would drop what is queued.
    if (this.#socket.writableEnded) return false;
    return typeof data === "string" ? this.#socket.write(data, "latin1") : this.#socket.write(data);
  }

  writePair(head: string, body: Uint8Array): boolean {
    if (this.#socket.writableEnded) return false;
    this.#socket.cork();
    this.#socket.write(head, "latin1");
    const more = this.#socket.write(body);
    this.#socket.uncork();
    return more;
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  close(): void {
    const socket = this.#socket;
    if (socket.writableFinished) socket.destroy();
    else socket.end(() => socket.destroy());
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
