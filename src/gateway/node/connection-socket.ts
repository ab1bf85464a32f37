/** What an application sees as its connection's socket: one of Node's, without a handle of its own. */
import { isIPv6, Socket } from "node:net";
import type { Endpoints } from "../../net/transport/transport.ts";
import type { NodeServer } from "./node-listener.ts";

/** A `net.Socket` that tells of a connection which the engine has. */
export abstract class ConnectionSocket extends Socket {
  /** Of Node's: something has happened, so the time of `setTimeout` begins anew. */
  declare _unrefTimer: () => void;
  /** The server whose application has it, as on Node's own sockets. */
  readonly server: NodeServer | null;
  readonly #connection: Endpoints;

  constructor(connection: Endpoints, server: NodeServer | null) {
    super({ allowHalfOpen: true });
    this.server = server;
    this.#connection = connection;
    if (connection.encrypted) Object.defineProperties(this, tlsProperties);
  }

  /** Where a socket's connection comes from and goes to. */
  static factsOf(socket: ConnectionSocket): Endpoints {
    return socket.#connection;
  }

  override address(): ReturnType<Socket["address"]> {
    const { localAddress, localPort } = this.#connection;
    if (localAddress === undefined) return {};
    return { address: localAddress, family: familyOf(localAddress) as string, port: localPort as number };
  }

  /** The connection is the engine's, which keeps the process alive. */
  override ref(): this {
    return this;
  }
  /** As `ref`. */
  override unref(): this {
    return this;
  }

  // Bytes come by the request, or are pushed.
  override _read(): void {}
}

// Accessors in the place of the base class's, which would ask its handle.
Object.defineProperties(ConnectionSocket.prototype, {
  remoteAddress: accessor((connection) => connection.remoteAddress),
  remotePort: accessor((connection) => connection.remotePort),
  remoteFamily: accessor((connection) => familyOf(connection.remoteAddress)),
  localAddress: accessor((connection) => connection.localAddress),
  localPort: accessor((connection) => connection.localPort),
  localFamily: accessor((connection) => familyOf(connection.localAddress)),
  pending: accessor(() => false),
});

/** What a `tls.TLSSocket` has beyond; as there, it is missing from sockets without TLS. */
const tlsProperties: PropertyDescriptorMap = {
  encrypted: accessor(() => true),
  authorized: accessor((connection) => connection.tls?.authorized ?? false),
  authorizationError: accessor((connection) => connection.tls?.authorizationError ?? null),
  alpnProtocol: accessor((connection) => connection.tls?.alpn ?? false),
  servername: accessor((connection) => connection.tls?.servername ?? false),
  getPeerCertificate: method((connection) => connection.tls?.peerCertificate() ?? {}),
  getProtocol: method((connection) => connection.tls?.protocol ?? null),
  getCipher: method(({ tls }) => ({ name: tls?.cipher, standardName: tls?.cipher, version: tls?.protocol })),
};

function accessor(read: (connection: Endpoints) => unknown): PropertyDescriptor {
  return {
    configurable: true,
    enumerable: true,
    get(this: ConnectionSocket) {
      return read(ConnectionSocket.factsOf(this));
    },
  };
}

function method(call: (connection: Endpoints) => unknown): PropertyDescriptor {
  return {
    configurable: true,
    writable: true,
    value(this: ConnectionSocket) {
      return call(ConnectionSocket.factsOf(this));
    },
  };
}

function familyOf(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  return isIPv6(address) ? "IPv6" : "IPv4";
}
