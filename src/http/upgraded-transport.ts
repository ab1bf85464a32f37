/**
 * A connection that an application has taken over from HTTP (RFC 9110 §7.8). Bytes that came behind the request
 * are the first that its protocol gets.
 */
import type { Protocol, Transport } from "../net/transport/transport.ts";

export class UpgradedTransport implements Transport {
  readonly #transport: Transport;
  #rest: Uint8Array;
  #protocol: Protocol | undefined;
  #ended = false;
  #closed: { readonly error: Error | null } | undefined;

  /** @param rest bytes that were read already; kept, so not of a buffer that is used again */
  constructor(transport: Transport, rest: Uint8Array) {
    this.#transport = transport;
    this.#rest = rest;
    // Nobody listens until `start`.
    transport.pause();
  }

  get reusesChunks(): boolean {
    return this.#transport.reusesChunks;
  }
  get remoteAddress(): string | undefined {
    return this.#transport.remoteAddress;
  }
  get remotePort(): number | undefined {
    return this.#transport.remotePort;
  }
  get localAddress(): string | undefined {
    return this.#transport.localAddress;
  }
  get localPort(): number | undefined {
    return this.#transport.localPort;
  }
  get encrypted(): boolean {
    return this.#transport.encrypted;
  }
  get bufferedBytes(): number {
    return this.#transport.bufferedBytes;
  }

  start(protocol: Protocol): void {
    this.#protocol = protocol;
    const rest = this.#rest;
    this.#rest = rest.subarray(0, 0);
    if (rest.length > 0) protocol.onData(rest);
    if (this.#ended) protocol.onEnd();
    if (this.#closed !== undefined) protocol.onClose(this.#closed.error);
    else this.#transport.resume();
  }

  write(data: string | Uint8Array): boolean {
    return this.#transport.write(data);
  }
  writePair(head: string, body: Uint8Array): boolean {
    return this.#transport.writePair(head, body);
  }
  pause(): void {
    this.#transport.pause();
  }
  resume(): void {
    this.#transport.resume();
  }
  end(): void {
    this.#transport.end();
  }
  close(): void {
    this.#transport.close();
  }
  destroy(): void {
    this.#transport.destroy();
  }

  // What the connection, which the transport still calls, hands on.

  onData(chunk: Uint8Array): void {
    if (this.#protocol !== undefined) this.#protocol.onData(chunk);
    // What was read before the pause took effect.
    else this.#rest = Buffer.concat([this.#rest, chunk]);
  }

  onEnd(): void {
    this.#ended = true;
    this.#protocol?.onEnd();
  }

  onDrain(): void {
    this.#protocol?.onDrain();
  }

  onClose(error: Error | null): void {
    this.#closed = { error };
    this.#protocol?.onClose(error);
  }
}
