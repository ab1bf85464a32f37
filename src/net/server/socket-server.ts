/** The socket server: listeners below, a handler above, and a concurrency model between. */
import { type Address, parseListenAddress } from "../address.ts";
import type { Connection, ConnectionOptions } from "../connection/connection.ts";
import { ConnectionLost, EndOfStream, InvalidData, LimitExceeded, Timeout } from "../errors.ts";
import { AcceptError, type ListenerOptions, type ListenTarget } from "../listener/listener.ts";
import { OptionError } from "../listener/option-error.ts";
import type { CloseReport } from "./connection-runner.ts";
import {
  type ConnectionHandler,
  type HandlerClass,
  type HandlerModule,
  toConnectionHandler,
} from "./handler.ts";
import { handlerUrl, loadHandler } from "./handler-module.ts";
import { LocalServer, type ModelServer } from "./local-server.ts";
import { checkModel, formatModel, type Model } from "./model.ts";
import { WorkerDied } from "./worker-died.ts";
import { WorkerServer } from "./worker-server.ts";

/** The options of the listeners, of the connections, and the server's own. */
export interface SocketServerOptions extends Omit<ListenerOptions, "onError">, ConnectionOptions {
  /** How many connections are served at once, and by what. Default `events`. */
  readonly model?: Model;
  /**
   * Told of what a handler threw, with its connection where it ran in this thread; of a worker that died
   * (`WorkerDied`); and of what went wrong in accepting. Default: `console.error`, but for what is the peer's
   * doing (`ConnectionLost`, `Timeout`, `EndOfStream`, `LimitExceeded`, `InvalidData`).
   */
  readonly onError?: (error: unknown, connection?: Connection) => void;
}

/**
 * Serves a protocol over TCP, TLS or Unix sockets.
 *
 *     const server = new SocketServer(async (connection) => {
 *       for await (const chunk of connection) await connection.write(chunk);
 *     });
 *     await server.listen("127.0.0.1:7000");
 */
export class SocketServer implements AsyncDisposable {
  readonly #model: Model;
  readonly #server: ModelServer;
  #addresses: readonly Address[] = [];
  #state: "new" | "listening" | "closing" = "new";

  /**
   * @throws OptionError for options that make no sense, and for a handler that is no module where the model
   *   serves in threads or processes
   */
  constructor(handler: ConnectionHandler | HandlerClass | HandlerModule, options: SocketServerOptions = {}) {
    const { model: givenModel = "events", onError = logError, ...rest } = options;
    this.#model = checkModel(givenModel);
    if (typeof this.#model === "string") {
      const load = async (): Promise<ConnectionHandler> =>
        typeof handler === "function"
          ? toConnectionHandler(handler)
          : loadHandler(handlerUrl(handler), process.cwd());
      this.#server = new LocalServer(load, {
        model: this.#model,
        connection: rest,
        listener: { ...rest, onError },
        onError,
      });
    } else {
      if (typeof handler === "function") {
        throw new OptionError(
          `a handler for the model ${formatModel(this.#model)} has to be a module, since a function can't be handed to another thread or process: new SocketServer({ module: new URL("./handler.ts", import.meta.url) }, …)`,
        );
      }
      const { onRefused, ...workerOptions } = rest;
      this.#server = new WorkerServer({
        model: this.#model,
        data: {
          handler: handlerUrl(handler),
          cwd: process.cwd(),
          options: workerOptions,
          tellRefused: onRefused !== undefined,
        },
        onError,
        onRefused,
      });
    }
  }

  /** Where it listens, with the ports that the system chose. */
  get addresses(): readonly Address[] {
    return this.#addresses;
  }

  /** Connections that are open. What other processes serve is known to half a second. */
  get connections(): number {
    return this.#server.connections;
  }

  /** Resolves when the server has closed: by `close`, or by itself after the one client of the model `once`. */
  get closed(): Promise<void> {
    return this.#server.closed;
  }

  /**
   * Starts listening, on more than one address if wanted. Resolves to the (first) address, with the port that the
   * system chose. Called once, or again after it has failed.
   * @throws AddressError; BindError, or the system's error, when an address can't be had; HandlerModuleError when
   *   the handler can't be loaded. Nothing is left running then.
   */
  async listen(target: ListenTarget | string, ...more: readonly (ListenTarget | string)[]): Promise<Address> {
    if (this.#state !== "new") throw new Error("listen() can be called once; it takes several addresses");
    this.#state = "listening";
    const targets = [target, ...more].map((at) => (typeof at === "string" ? parseListenAddress(at) : at));
    try {
      this.#addresses = await this.#server.listen(targets);
    } catch (error) {
      if (this.#state === "listening") this.#state = "new";
      throw error;
    }
    return this.#addresses[0]!;
  }

  /**
   * Stops accepting, lets handlers finish, and cuts what is left at the deadline. Resolves when no connection and no
   * worker is left. Called again, it can only bring the deadline forward.
   * @param options.deadline milliseconds. Default 10 s; `Infinity` waits for as long as it takes.
   */
  close(options: { readonly deadline?: number } = {}): Promise<CloseReport> {
    this.#state = "closing";
    return this.#server.close(options.deadline ?? 10_000);
  }

  /** As `close`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** What a peer can bring about at will is no news. */
const peersDoing = [ConnectionLost, Timeout, EndOfStream, LimitExceeded, InvalidData].map(({ name }) => name);

/** Errors for the operator: their message is a whole line, and our stack tells him nothing. */
const forOperators = [AcceptError, OptionError].map(({ name }) => name);

function logError(error: unknown): void {
  if (!(error instanceof Error)) console.error("socle:", error);
  // By their names, since some come from other threads and processes.
  else if (peersDoing.includes(error.name)) return;
  else if (forOperators.includes(error.name)) console.error(`socle: ${error.message}`);
  else console.error("socle:", error instanceof WorkerDied ? error.stack : error);
}
