/** A `Transport` over any of Node's duplex streams: a TCP, TLS or Unix socket, or one end of a pair in a test. */
import type { Duplex } from "node:stream";
import type { Endpoints, Protocol, Transport } from "./transport.ts";

/** What a socket tells beyond a duplex stream. */
type Facts = { readonly [Key in keyof Endpoints]?: Endpoints[Key] | undefined };

export class SocketTransport implements Transport {
  readonly reusesChunks = false;
  readonly #socket: Duplex & Facts;
  #error: Error | null = null;

  constructor(socket: Duplex) {
    this.#socket = socket;
    // A stream without an error listener takes the process down, so this comes before anything else.
    socket.on("error", (error: Error) => {
      this.#error = error;
    });
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }
  get remotePort(): number | undefined {
    return this.#socket.remotePort;
  }
  get localAddress(): string | undefined {
    return this.#socket.localAddress;
  }
  get localPort(): number | undefined {
    return this.#socket.localPort;
  }
  get encrypted(): boolean {
    return this.#socket.encrypted === true;
  }

  start(protocol: Protocol): void {
    const socket = this.#socket;
    socket.on("close", () => protocol.onClose(this.#error));
    socket.on("end", () => protocol.onEnd());
    socket.on("drain", () => protocol.onDrain());
    socket.on("data", (chunk: Uint8Array) => protocol.onData(chunk));
  }

  write(data: string | Uint8Array): boolean {
    return typeof data === "string" ? this.#socket.write(data, "latin1") : this.#socket.write(data);
  }

  writePair(head: string, body: Uint8Array): boolean {
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

  destroy(): void {
    this.#socket.destroy();
  }
}
