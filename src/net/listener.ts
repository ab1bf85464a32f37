/** A listening socket that hands each accepted connection on as a `Transport`. */
import { type AddressInfo, createServer, type ListenOptions, type Server } from "node:net";
import type { Address } from "./address.ts";
import { SocketTransport } from "./socket-transport.ts";
import type { Transport } from "./transport.ts";

/** Where to listen: an address, or the descriptor of a socket that somebody else has bound. */
export type ListenTarget = Address | { readonly fd: number };

export interface ListenerOptions {
  /** Connections that the kernel may queue before they are accepted. Default 511. */
  readonly backlog?: number;
}

export class Listener {
  readonly #server: Server;
  /** Where it listens, with the port that the system chose. */
  readonly address: Address;

  private constructor(server: Server) {
    this.#server = server;
    const bound = (server.address() ?? "") as AddressInfo | string; // null for an inherited Unix socket
    this.address =
      typeof bound === "string"
        ? { kind: "unix", path: bound }
        : { kind: "tcp", host: bound.address, port: bound.port };
  }

  /**
   * Starts listening. Resolves once connections are accepted; rejects with the system's error (`EADDRINUSE`, `EACCES`, …).
   * @param onTransport called with each new connection
   */
  static open(
    target: ListenTarget,
    onTransport: (transport: Transport) => void,
    options: ListenerOptions = {},
  ): Promise<Listener> {
    // Half-open: a client may end its side and still wait for the answer (RFC 9112 §9.6).
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    server.on("connection", (socket) => onTransport(new SocketTransport(socket)));
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen({ ...toListenOptions(target), backlog: options.backlog ?? 511 }, () => {
        server.off("error", reject);
        // Accepting can fail later (descriptors used up); Node goes on accepting by itself.
        server.on("error", () => {});
        resolve(new Listener(server));
      });
    });
  }

  /** Stops accepting. Connections that were accepted live on. */
  close(): void {
    this.#server.close();
  }
}

function toListenOptions(target: ListenTarget): ListenOptions {
  if ("fd" in target) return { fd: target.fd } as ListenOptions;
  if (target.kind === "unix") return { path: target.path };
  return { host: target.host, port: target.port };
}
