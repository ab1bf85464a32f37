/** The client side: a connection to an address. */
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions as NodeTlsOptions, type TLSSocket } from "node:tls";
import { type Address, formatAddress, parseAddress } from "../address.ts";
import { Timeout } from "../errors.ts";
import { SocketTransport } from "../transport/socket-transport.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";

/** How the server is checked and what is shown to it, as `node:tls` has it. */
export interface ConnectTlsOptions
  extends Pick<
    NodeTlsOptions,
    | "ca"
    | "cert"
    | "key"
    | "passphrase"
    | "servername"
    | "rejectUnauthorized"
    | "minVersion"
    | "ALPNProtocols"
  > {}

export interface ConnectOptions extends ConnectionOptions {
  /** Milliseconds in which the connection must be there, TLS and all. Default 10 s. 0: as long as the system tries. */
  readonly timeout?: number;
  /** Gives up: `connect` fails with the signal's reason. Does nothing once connected. */
  readonly signal?: AbortSignal;
  /** Speaks TLS; `true` for the defaults: the system's authorities, and the address's host name. */
  readonly tls?: boolean | ConnectTlsOptions;
}

/** A connection that was not made. The message is one line that says why. */
export class ConnectError extends Error {
  override readonly name = "ConnectError";
  readonly address: Address;
  /** The system's name of the error, such as `ECONNREFUSED`, or the one that TLS gives it. */
  readonly code: string;

  constructor(address: Address, code: string, why: string, options?: ErrorOptions) {
    super(`can't connect to ${formatAddress(address)}: ${why}`, options);
    this.address = address;
    this.code = code;
  }
}

/**
 * Connects to `HOST:PORT`, `[IPV6]:PORT` or `unix:/path`. Of a host's several addresses the first that answers is taken.
 * @throws AddressError, ConnectError, Timeout, or the signal's reason
 */
export async function connect(address: string | Address, options: ConnectOptions = {}): Promise<Connection> {
  const target = typeof address === "string" ? parseAddress(address) : address;
  const { signal, timeout = 10_000 } = options;
  signal?.throwIfAborted();
  const socket = open(target, options.tls ?? false);
  try {
    await established(socket, target, options.tls ? "secureConnect" : "connect", timeout, signal);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return new Connection(new SocketTransport(socket), options);
}

function open(address: Address, tls: boolean | ConnectTlsOptions): Socket | TLSSocket {
  const where = address.kind === "tcp" ? { host: address.host, port: address.port } : { path: address.path };
  if (tls === false) return connectTcp({ ...where, noDelay: true, allowHalfOpen: true });
  const host = address.kind === "tcp" && isIP(address.host) === 0 ? { servername: address.host } : {};
  // node:tls takes `allowHalfOpen` and `noDelay` for the socket below it, and its types don't know.
  const half = { noDelay: true, allowHalfOpen: true } as object;
  return connectTls({ ...where, ...half, ...host, ...(tls === true ? {} : tls) });
}

function established(
  socket: Socket,
  address: Address,
  event: "connect" | "secureConnect",
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const onTimeout = (): void =>
      settle(
        new Timeout("connect", timeout, `${formatAddress(address)} did not answer within ${timeout} ms`),
      );
    const onAbort = (): void => settle(signal?.reason);
    const onError = (error: Error): void => settle(connectError(address, error));
    const onConnect = (): void => settle(undefined);
    const timer = timeout > 0 ? setTimeout(onTimeout, timeout) : undefined;
    const settle = (error: unknown): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      socket.off(event, onConnect);
      if (error === undefined) {
        socket.off("error", onError);
        resolve();
      } else {
        // What the socket still says while it is destroyed is no news.
        socket.on("error", () => {});
        reject(error);
      }
    };
    signal?.addEventListener("abort", onAbort);
    socket.on("error", onError);
    socket.on(event, onConnect);
  });
}

function connectError(address: Address, error: Error): ConnectError {
  const { code = "ECONNRESET" } = error as NodeJS.ErrnoException;
  const explain = explanations[code];
  const why = explain === undefined ? reasonOf(error) : explain(address);
  return new ConnectError(address, code, why, { cause: error });
}

const explanations: Readonly<Record<string, (address: Address) => string>> = {
  ECONNREFUSED: () => "nobody listens there. Start the server, or check the address.",
  ENOTFOUND: (address) => `the host name ${hostOf(address)} is unknown. Check its spelling.`,
  EAI_AGAIN: (address) => `the host name ${hostOf(address)} can't be looked up now: no name server answers.`,
  ETIMEDOUT: () => "the host does not answer. Check the address, and firewalls on the way.",
  EHOSTUNREACH: () => "there is no way to the host. Check the address and the network.",
  ENETUNREACH: () => "there is no way to the host's network. Check the address and the network.",
  ENOENT: () => "there is no such file. Start the server, or check the path.",
  EACCES: () => "this user has no right to it.",
  ECONNRESET: () => "the peer ended the connection before it was established.",
  ERR_SSL_WRONG_VERSION_NUMBER: () => "the server does not speak TLS there.",
};

function hostOf(address: Address): string {
  return JSON.stringify(address.kind === "tcp" ? address.host : "");
}

function reasonOf(error: Error): string {
  const { code = "" } = error as NodeJS.ErrnoException;
  const { message } = error instanceof AggregateError ? (error.errors[0] as Error) : error;
  const isTls = code.startsWith("ERR_SSL") || code.startsWith("ERR_TLS") || /CERT|SIGNATURE|CRL/.test(code);
  return isTls ? `the TLS handshake failed: ${message}` : message;
}
