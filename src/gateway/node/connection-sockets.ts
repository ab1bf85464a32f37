/** The sockets that an application is shown of one connection, and how a server's listeners are told of them. */
import { Server as HttpServer } from "node:http";
import { Server as HttpsServer } from "node:https";
import type { CloseWatcher, ConnectionControl } from "../../http/exchange.ts";
import type { Endpoints } from "../../net/transport/transport.ts";
import type { ConnectionSocket } from "./connection-socket.ts";
import { ExchangeSocket } from "./exchange-socket.ts";
import type { NodeServer } from "./node-listener.ts";

export class ConnectionSockets implements CloseWatcher {
  readonly #connection: Endpoints;
  readonly #server: NodeServer | null;
  readonly #control: ConnectionControl | undefined;
  #first: ExchangeSocket;

  /** @param control what ends the connection, and tells of its end; undefined where that is not ours to know (HTTP/2) */
  constructor(connection: Endpoints, server: NodeServer | null, control: ConnectionControl | undefined) {
    this.#connection = connection;
    this.#server = server;
    this.#control = control;
    this.#first = this.#make();
    control?.watchClose(this);
  }

  /** A socket that no request has: mostly the one that the request before had. */
  free(): ExchangeSocket {
    return this.#first.free() ?? (this.#first = this.#make());
  }

  connectionClosed(): void {
    this.#first.connectionClosed();
  }

  #make(): ExchangeSocket {
    const socket = new ExchangeSocket(this.#connection, this.#server, this.#control);
    if (this.#control !== undefined) announce(socket);
    return socket;
  }
}

/** Tells a server's listeners of a connection, but for Node's own, which would read requests from it. */
export function announce(socket: ConnectionSocket): void {
  const { server } = socket;
  if (typeof server?.rawListeners !== "function") return;
  for (const event of "encrypted" in socket ? ["connection", "secureConnection"] : ["connection"]) {
    for (const listener of server.rawListeners(event) as Listener[]) {
      if (!nodesOwn().has(listener)) Reflect.apply(listener, server, [socket]);
    }
  }
}

type Listener = (socket: ConnectionSocket) => void;

let own: ReadonlySet<unknown> | undefined;

/** What Node itself listens for connections with: each server that was just made has it. */
function nodesOwn(): ReadonlySet<unknown> {
  if (own !== undefined) return own;
  const servers = [new HttpServer(), new HttpsServer()];
  return (own = new Set(
    servers.flatMap((server) => [
      ...server.rawListeners("connection"),
      ...server.rawListeners("secureConnection"),
    ]),
  ));
}
