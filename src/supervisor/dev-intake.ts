/**
 * The connections of a process whose code can become old at any moment. Each carries one request, and is handed to the server with its
 * first byte. Where that comes only when the code is old already, the connection is passed on through the socket that is still
 * listened on: it waits there for the new code, as new connections do.
 */
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Address } from "../net/address.ts";
import { SocketTransport } from "../net/transport/socket-transport.ts";
import type { Transport } from "../net/transport/transport.ts";

/** Milliseconds for which connections on which nothing has come are still listened to. */
const LINGER = 50;

export class Intake {
  readonly #serve: (transport: Transport) => void;
  readonly #servers: Server[] = [];
  readonly #waiting = new Set<Socket>();
  readonly #passed = new Set<Socket>();
  #stale = false;
  #onPassed: (() => void) | undefined;

  constructor(serve: (transport: Transport) => void) {
    this.#serve = serve;
  }

  /** Accepts on an inherited socket. Rejects with the system's error. */
  listen(fd: number, address: Address): Promise<void> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      this.#take(socket, address),
    );
    this.#servers.push(server);
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen({ fd }, () => {
        server.off("error", reject);
        server.on("error", () => {}); // a connection that could not be accepted
        resolve();
      });
    });
  }

  /** The code is old: nothing more is accepted, nor handed to the server. */
  close(): void {
    this.#stale = true;
    for (const server of this.#servers) server.close();
  }

  /** Resolves when nobody is passed on any more, and at the latest after some milliseconds. What is left then is cut. */
  async finish(deadline: number): Promise<void> {
    // Who has connected only just now is about to say something; who has done so in advance, as browsers do, is not.
    if (this.#waiting.size > 0) await sleep(Math.min(deadline, LINGER));
    for (const socket of this.#waiting) socket.destroy();
    if (this.#passed.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadline);
        this.#onPassed = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    for (const socket of this.#passed) socket.destroy();
  }

  #take(socket: Socket, address: Address): void {
    this.#waiting.add(socket);
    const forget = (): void => {
      this.#waiting.delete(socket);
    };
    const onData = (chunk: Buffer): void => {
      forget();
      socket.off("data", onData);
      socket.off("end", onEnd);
      socket.off("close", forget);
      socket.pause();
      socket.unshift(chunk);
      if (this.#stale) this.#pass(socket, address);
      else this.#serve(new SocketTransport(socket));
    };
    const onEnd = (): void => {
      socket.destroy();
    };
    // What has happened is told by the close.
    socket.on("error", () => {});
    socket.on("data", onData);
    socket.on("end", onEnd);
    socket.on("close", forget);
  }

  #pass(socket: Socket, address: Address): void {
    const { localAddress: host = "", localPort: port = 0 } = socket;
    const onward = address.kind === "unix" ? connect(address.path) : connect(port, host);
    this.#passed.add(socket);
    const end = (): void => {
      socket.destroy();
      onward.destroy();
      if (this.#passed.delete(socket) && this.#passed.size === 0) this.#onPassed?.();
    };
    onward.on("error", end);
    socket.on("close", end);
    onward.on("end", () => socket.end(end));
    socket.pipe(onward);
    onward.pipe(socket, { end: false });
  }
}
