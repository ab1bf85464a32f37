/** The socket of a request and its response: what reaches it of the two goes to the exchange. */
import type { ConnectionControl } from "../../http/exchange.ts";
import type { Endpoints } from "../../net/transport/transport.ts";
import type { Answer, AnswerSocket } from "./answer.ts";
import { ConnectionSocket } from "./connection-socket.ts";
import type { WriteCallback } from "./node-internals.ts";
import type { NodeServer } from "./node-listener.ts";

/**
 * One connection's requests have the same socket, one after the other, as on `node:http`. Where several are under way at once
 * (HTTP/2, or an answer whose "finish" is still to come) each has its own.
 */
export class ExchangeSocket extends ConnectionSocket implements AnswerSocket {
  #answer: Answer | null = null;
  /** What ends the connection; null where that ends by itself, or goes on without the socket. */
  #control: ConnectionControl | null;
  #next: ExchangeSocket | undefined;
  #hasTimeoutListener = false;

  constructor(connection: Endpoints, server: NodeServer | null, control: ConnectionControl | undefined) {
    super(connection, server);
    this.#control = control ?? null;
    this.on("close", onClose);
    // Who destroys a request with an error wants the connection gone, and not the process.
    this.on("error", ignore);
  }

  /** What has a socket at the moment. */
  static answerOf(socket: ExchangeSocket): Answer | null {
    return socket.#answer;
  }

  /** A socket that is free: this one, or one behind it. Undefined where this one is of no more use. */
  free(): ExchangeSocket | undefined {
    if (this.destroyed) return undefined;
    if (this.#answer === null) return this;
    this.#next =
      this.#next?.free() ??
      new ExchangeSocket(ConnectionSocket.factsOf(this), this.server, this.#control ?? undefined);
    return this.#next;
  }

  /** The connection has ended. */
  connectionClosed(): void {
    this.giveUp();
    this.#next?.connectionClosed();
  }

  giveUp(): void {
    this.#control = null;
    this.destroy();
  }

  /** Takes the socket for an exchange. */
  assign(answer: Answer): void {
    this.#answer = answer;
    const timeout = this.server?.timeout ?? 0;
    if (timeout > 0) this.setTimeout(timeout);
  }

  /** The exchange that had it is over. */
  release(): void {
    this.#answer = null;
    if (this.timeout) super.setTimeout(0);
  }

  override uncork(): void {
    super.uncork();
    if (this.writableCorked === 0) this.#answer?.uncork();
  }

  /** What the request's stream calls when it has room. */
  override resume(): this {
    this.#answer?.resumeInput();
    return this;
  }

  override pause(): this {
    this.#answer?.pauseInput();
    return this;
  }

  override setTimeout(milliseconds: number, callback?: () => void): this {
    if (!this.#hasTimeoutListener) {
      this.#hasTimeoutListener = true;
      this.on("timeout", onTimeout);
    }
    return super.setTimeout(milliseconds, callback);
  }

  // What is written past the response, and interim answers, which the response writes so.

  override _write(data: string | Uint8Array, encoding: BufferEncoding, callback: WriteCallback): void {
    try {
      this.#answer?.sendRaw(data, encoding);
    } catch (error) {
      callback(error as Error);
      return;
    }
    callback();
  }

  override _writev(
    chunks: readonly { chunk: string | Uint8Array; encoding: BufferEncoding }[],
    callback: WriteCallback,
  ): void {
    try {
      for (const { chunk, encoding } of chunks) this.#answer?.sendRaw(chunk, encoding);
    } catch (error) {
      callback(error as Error);
      return;
    }
    callback();
  }

  override _final(callback: WriteCallback): void {
    this.#answer?.endRaw();
    callback();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#answer?.cut();
    this.#control?.end();
    super._destroy(error, callback as WriteCallback);
  }
}

Object.defineProperty(ExchangeSocket.prototype, "writableLength", {
  configurable: true,
  get(this: ExchangeSocket): number {
    return ExchangeSocket.answerOf(this)?.bufferedBytes ?? 0;
  },
});

function onClose(this: ExchangeSocket): void {
  ExchangeSocket.answerOf(this)?.socketClosed();
}

function ignore(): void {}

/** As Node's server has it: who has asked for the time is told, and where nobody has, the connection ends. */
function onTimeout(this: ExchangeSocket): void {
  const answer = ExchangeSocket.answerOf(this);
  const forRequest = answer !== null && !answer.request.complete && answer.request.emit("timeout", this);
  const forResponse = answer?.response.socket === this && answer.response.emit("timeout", this);
  const forServer = this.server?.emit("timeout", this) ?? false;
  if (!forRequest && !forResponse && !forServer) this.destroy();
}
