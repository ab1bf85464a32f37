/** A client that sends bytes as they are and collects what comes back: for talking to a server as no library would. */
import { connect, type NetConnectOpts, type Socket } from "node:net";

export class RawClient {
  readonly socket: Socket;
  /** All that has come, as latin1. */
  received = "";
  /** "end" after the server's FIN, "reset" (or another error's code) when the connection broke. */
  ended: string | undefined;
  #changed: () => void = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => {
      this.received += text;
      this.#changed();
    });
    socket.on("end", () => {
      this.ended ??= "end";
      this.#changed();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.ended ??= error.code === "ECONNRESET" ? "reset" : (error.code ?? error.message);
      this.#changed();
    });
  }

  /** Connects to a port of 127.0.0.1, or as the options say. */
  static async open(target: number | NetConnectOpts): Promise<RawClient> {
    const options = typeof target === "number" ? { port: target, host: "127.0.0.1" } : target;
    const socket = connect({ ...options, allowHalfOpen: true } as NetConnectOpts);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return new RawClient(socket);
  }

  /** Sends latin1 text or bytes. */
  send(data: string | Uint8Array): this {
    if (typeof data === "string") this.socket.write(data, "latin1");
    else this.socket.write(data);
    return this;
  }

  /** Ends our side (FIN). */
  end(): this {
    this.socket.end();
    return this;
  }

  /** Resolves once the condition holds of what was received. Rejects after a deadline, telling what came. */
  async until(condition: (received: string) => boolean, milliseconds = 10_000): Promise<string> {
    await this.#wait(() => condition(this.received), milliseconds);
    return this.received;
  }

  /** Resolves to all that came once the server has ended the connection. */
  async untilEnd(milliseconds = 10_000): Promise<string> {
    await this.#wait(() => this.ended !== undefined, milliseconds);
    return this.received;
  }

  close(): void {
    this.socket.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #wait(done: () => boolean, milliseconds: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () =>
          reject(
            new Error(
              `still waiting; ended: ${this.ended}; received: ${JSON.stringify(this.received.slice(-500))}`,
            ),
          ),
        milliseconds,
      );
      this.#changed = () => {
        if (!done()) return;
        clearTimeout(timer);
        resolve();
      };
      this.#changed();
    });
  }
}

/** The status codes of all answers in received text, in order (bodies must not look like status lines). */
export function statuses(received: string): number[] {
  return [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
}

/** What stands behind the head of the first answer. */
export function bodyOf(received: string): string {
  return received.slice(received.indexOf("\r\n\r\n") + 4);
}
