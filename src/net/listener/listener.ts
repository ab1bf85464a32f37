/** A listening socket that hands each accepted connection on as a `Transport`. */
import { createServer, type ListenOptions, type Server } from "node:net";
import { isMainThread } from "node:worker_threads";
import { type Address, formatAddress, type ListenAddress, parseListenAddress } from "../address.ts";
import type { HandleAcceptor } from "../transport/handle-transport.ts";
import type { Transport } from "../transport/transport.ts";
import { acceptTransports, transportOf } from "../transport/transport-of.ts";
import { type AcceptOptions, needsPipeline } from "./accept-options.ts";
import { AcceptPipeline } from "./accept-pipeline.ts";
import { type BindOptions, bindError, checkBindOptions, descriptorOf, unixAddressOf } from "./bind.ts";
import { systemCodeOf } from "./bind-error.ts";
import { checkWholeNumber } from "./option-error.ts";
import { bindPath, SocketFile } from "./unix-socket-file.ts";

/** Where to listen: an address, or the descriptor of a socket that somebody else has bound. */
export type ListenTarget = ListenAddress | { readonly fd: number };

export interface ListenerOptions extends BindOptions, AcceptOptions {
  /** Connections that the kernel may queue before they are accepted. Default 511; Linux caps it at `net.core.somaxconn`. */
  readonly backlog?: number;
  /**
   * Told when connections can't be accepted (`AcceptError`; at most every ten seconds), and when certificates that
   * have changed can't be used (`OptionError`). Serving goes on. Default: one line on standard error. Not told when
   * file descriptors are used up: libuv then ends each new connection at once, by itself and in silence.
   */
  readonly onError?: (error: Error) => void;
}

/** Connections can't be accepted at the moment. The message is one line that says why. */
export class AcceptError extends Error {
  override readonly name = "AcceptError";
  readonly address: Address;
  /** The system's name of the error, such as `ENOBUFS`. */
  readonly code: string;

  constructor(address: Address, code: string) {
    super(`can't accept connections on ${formatAddress(address)}: the system says ${code}`);
    this.address = address;
    this.code = code;
  }
}

const DEFAULT_BACKLOG = 511;
/** Between two reports of the same trouble: every connection that comes brings it about anew. */
const REPORT_INTERVAL = 10_000;

export class Listener implements AsyncDisposable {
  /** Where it listens, with the port that the system chose. */
  readonly address: Address;
  readonly #server: Server;
  readonly #pipeline: AcceptPipeline | undefined;
  /** Where connections are taken without a `net.Socket`, which the server would count. */
  readonly #acceptor: HandleAcceptor | undefined;
  readonly #file: SocketFile | undefined;
  readonly #onError: (error: Error) => void;
  #reportedAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  private constructor(
    server: Server,
    address: Address,
    file: SocketFile | undefined,
    pipeline: AcceptPipeline | undefined,
    acceptor: HandleAcceptor | undefined,
    onError: (error: Error) => void,
  ) {
    this.#server = server;
    this.#acceptor = acceptor;
    this.address = address;
    this.#file = file;
    this.#pipeline = pipeline;
    this.#onError = onError;
    // Node goes on accepting by itself.
    server.on("error", (error) => this.#acceptFailed(error));
  }

  /**
   * Starts listening. Resolves once connections are accepted.
   * @param onTransport called with each new connection: admitted, its PROXY header read and its TLS handshake done
   * @throws AddressError; BindError; OptionError for options that can't be used, certificates included
   */
  static async open(
    target: ListenTarget | string,
    onTransport: (transport: Transport) => void,
    options: ListenerOptions = {},
  ): Promise<Listener> {
    const { backlog = DEFAULT_BACKLOG, onError = logError } = options;
    const at = typeof target === "string" ? parseListenAddress(target) : target;
    checkBindOptions(options);
    checkWholeNumber("backlog", backlog, 1, 2 ** 31 - 1);
    const pipeline = needsPipeline(options)
      ? await AcceptPipeline.open(options, backlog, onTransport, onError)
      : undefined;
    const server = createServer({
      // Half-open: a client may end its side and still wait for the answer (RFC 9112 §9.6).
      allowHalfOpen: true,
      noDelay: true,
      pauseOnConnect: pipeline?.pauseOnConnect ?? false,
    });
    server.on(
      "connection",
      pipeline === undefined
        ? (socket) => onTransport(transportOf(socket))
        : (socket) => pipeline.accept(socket),
    );
    try {
      const { address, file } = await listen(server, at, { ...options, backlog });
      // Before the first connection: it can't come within this turn of the event loop.
      const acceptor = pipeline === undefined ? acceptTransports(server, onTransport) : undefined;
      return new Listener(server, address, file, pipeline, acceptor, onError);
    } catch (error) {
      pipeline?.close();
      throw error;
    }
  }

  /** How many connections are open, those included that wait or shake hands. */
  countConnections(): Promise<number> {
    return new Promise((resolve, reject) => {
      const accepted = this.#acceptor?.connections ?? 0;
      this.#server.getConnections((error, count) =>
        error === null ? resolve(count + accepted) : reject(error),
      );
    });
  }

  /**
   * Reads the certificates again; new connections get them. Where they come from files, a change is noticed by itself
   * (`tls.reloadInterval`).
   * @throws OptionError when they can't be used; those that were read before stay in use
   */
  async reloadTls(): Promise<void> {
    await this.#pipeline?.reloadTls();
  }

  /**
   * Stops accepting. Connections that wait, or whose handshake is not done, are ended; those that were handed on live on.
   * The file of a Unix socket that was bound here is removed.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const close = (): void => void this.#server.close();
    if (this.#file === undefined) close();
    else this.#file.remove(close);
    this.#pipeline?.close();
  }

  /** As `close`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  #acceptFailed(error: Error): void {
    const now = performance.now();
    if (now - this.#reportedAt < REPORT_INTERVAL) return;
    this.#reportedAt = now;
    this.#onError(new AcceptError(this.address, systemCodeOf(error)));
  }
}

interface Listening {
  readonly address: Address;
  readonly file?: SocketFile;
}

async function listen(
  server: Server,
  target: ListenTarget,
  options: ListenerOptions & { readonly backlog: number },
): Promise<Listening> {
  const { backlog, unixMode } = options;
  const address: ListenAddress = "kind" in target ? target : { kind: "fd", fd: target.fd };
  switch (address.kind) {
    case "unix":
      return bindPath(address, async () => {
        await start(server, { path: address.path, backlog }, unixMode);
        try {
          return { address, file: new SocketFile(address.path, unixMode) };
        } catch (error) {
          server.close();
          throw error;
        }
      });
    case "tcp": {
      const { host, port } = address;
      const { ipv6Only = false, reusePort = false } = options;
      return listenOn(server, address, { host, port, backlog, ipv6Only, reusePort });
    }
    default:
      return listenOn(server, address, { fd: descriptorOf(address), backlog });
  }
}

/** What the types of `listen` don't have yet. */
type AnyListenOptions = ListenOptions & { readonly fd?: number; readonly reusePort?: boolean };

async function listenOn(
  server: Server,
  address: ListenAddress,
  options: AnyListenOptions,
): Promise<Listening> {
  try {
    await start(server, options);
  } catch (error) {
    throw bindError(address, systemCodeOf(error));
  }
  const bound = server.address(); // null for an inherited Unix socket
  if (bound === null || typeof bound === "string") return { address: unixAddressOf(options.fd ?? -1) };
  return { address: { kind: "tcp", host: bound.address, port: bound.port } };
}

/** @throws the system's error */
function start(server: Server, options: AnyListenOptions, unixMode?: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const onListening = (): void => {
      server.off("error", onError);
      resolve();
    };
    const onError = (error: Error): void => {
      server.off("listening", onListening);
      reject(error);
    };
    server.once("error", onError);
    server.once("listening", onListening);
    // A Unix socket takes connections from here on, so it may not be there with wider permissions even for a moment.
    // A thread can't set the mask, which is the process's; there, the file's mode is set a moment later.
    const mask = unixMode === undefined || !isMainThread ? undefined : process.umask(0o777 & ~unixMode);
    try {
      server.listen(options);
    } finally {
      if (mask !== undefined) process.umask(mask);
    }
  });
}

function logError(error: Error): void {
  console.error(`socle: ${error.message}`);
}
