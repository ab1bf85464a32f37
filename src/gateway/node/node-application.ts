/** Runs a Node-style application, `(request, response)`, on exchanges. What is Node's own here, and what differs: docs/gateway/node.md. */
import { channel } from "node:diagnostics_channel";
import { type IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Exchange } from "../../http/exchange.ts";
import type { Endpoints } from "../../net/transport/transport.ts";
import { type Application, isThenable } from "../application.ts";
import { Answer } from "./answer.ts";
import { watchUnsettled } from "./client-watch.ts";
import { announce, ConnectionSockets } from "./connection-sockets.ts";
import type { ExchangeSocket } from "./exchange-socket.ts";
import { type InnerResponse, innerResponse, type WriteCallback } from "./node-internals.ts";
import type { NodeListener, NodeServer } from "./node-listener.ts";
import { makeRequest } from "./node-request.ts";
import { UpgradeSocket } from "./upgrade-socket.ts";

export type { NodeListener, NodeServer } from "./node-listener.ts";

export interface NodeApplicationOptions {
  /**
   * Takes requests to change the protocol (WebSocket), as a listener of a server's "upgrade" event does. Without it they are
   * requests like any other. `head` is empty: what the client has sent already is the first that the socket gives.
   */
  readonly onUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/**
 * Makes a Node-style application one that a server takes:
 *
 *     const application = nodeApplication(express());
 *     const server = new HttpServer((exchange) => application.handleExchange(exchange));
 *
 * What the listener throws, or its promise rejects with, is thrown on: the server answers 500, or cuts the connection if the
 * answer was begun, and reports it.
 * @param target a listener, or an `http.Server` whose "request", "upgrade" and "checkContinue" listeners are to be called
 * @throws TypeError for what is neither
 */
export function nodeApplication(
  target: NodeListener | NodeServer,
  options: NodeApplicationOptions = {},
): Application {
  return new AdaptedNode(target, options);
}

class AdaptedNode implements Application {
  readonly #listener: NodeListener | null;
  readonly #server: NodeServer | null;
  readonly #onUpgrade: NodeApplicationOptions["onUpgrade"];
  /** What is shown of each connection. */
  readonly #sockets = new WeakMap<Endpoints, ConnectionSockets>();

  constructor(target: NodeListener | NodeServer, options: NodeApplicationOptions) {
    this.#listener = typeof target === "function" ? target : null;
    this.#server = typeof target === "function" ? null : checkServer(target);
    this.#onUpgrade = options.onUpgrade;
  }

  handleExchange(exchange: Exchange): void | Promise<void> {
    if (this.#takesUpgrades() && exchange.upgradeOffer !== null) {
      return this.#upgrade(exchange);
    }
    const socket = this.#socketOf(exchange);
    const request = makeRequest(exchange, socket);
    const response = new ServerResponse(request) as unknown as ServedResponse;
    const answer = new Answer(exchange, socket, request, response);
    prepare(response, answer, exchange);
    socket.assign(answer);
    response.assignSocket(socket);
    response.on("finish", onFinish);
    if (startChannel.hasSubscribers) {
      startChannel.publish({ request, response, socket, server: this.#server });
    }
    let result: unknown;
    try {
      result = this.#call(request, response, exchange);
    } catch (error) {
      answer.abandon();
      throw error;
    }
    if (exchange.body === null) request.complete = true;
    const outcome = answer.outcome(isThenable(result) ? result : undefined);
    if (outcome !== undefined && !answer.settled) watchUnsettled(answer);
    return outcome;
  }

  #call(request: IncomingMessage, response: InnerResponse, exchange: Exchange): unknown {
    if (this.#listener !== null) return this.#listener(request, response);
    const server = this.#server as NodeServer;
    if (
      exchange.body !== null &&
      server.listenerCount("checkContinue") > 0 &&
      exchange.headers.has("expect")
    ) {
      server.emit("checkContinue", request, response);
    } else if (!server.emit("request", request, response)) {
      throw new Error('the http.Server has no listener for "request"');
    }
    return undefined;
  }

  #takesUpgrades(): boolean {
    return this.#onUpgrade !== undefined || (this.#server?.listenerCount("upgrade") ?? 0) > 0;
  }

  #upgrade(exchange: Exchange): Promise<void> {
    const socket = new UpgradeSocket(exchange, this.#server);
    if (!this.#sockets.has(exchange.connection)) announce(socket);
    const request = makeRequest(exchange, socket);
    request.complete = true;
    request.push(null);
    request.upgrade = true;
    exchange.signal.addEventListener("abort", socket, { once: true });
    exchange.connectionControl?.watchClose(socket);
    try {
      if (this.#onUpgrade !== undefined) this.#onUpgrade(request, socket, Buffer.alloc(0));
      else this.#server?.emit("upgrade", request, socket, Buffer.alloc(0));
    } catch (error) {
      if (exchange.started) socket.destroy();
      // One error is enough.
      socket.outcome.catch(ignore);
      throw error;
    }
    return socket.outcome;
  }

  #socketOf({ connection, connectionControl }: Exchange): ExchangeSocket {
    let sockets = this.#sockets.get(connection);
    if (sockets === undefined) {
      sockets = new ConnectionSockets(connection, this.#server, connectionControl);
      this.#sockets.set(connection, sockets);
    }
    return sockets.free();
  }
}

const startChannel = channel("http.server.request.start");

/** Under which a response keeps the answer that it makes. */
const answerKey: unique symbol = Symbol("answer");

interface ServedResponse extends InnerResponse {
  [answerKey]: Answer;
}

/**
 * Puts our own functions before the ones of Node that hand on what is written. They are put on the object, and not into a class of
 * ours, because Express puts a prototype of its own under it.
 */
function prepare(response: ServedResponse, answer: Answer, exchange: Exchange): void {
  response[answerKey] = answer;
  response._storeHeader = storeHeader;
  response._send = send;
  response._finish = finish;
  response._removedConnection = true;
  // Taken for older than 1.1, which has no trailers, by its minor version.
  if (exchange.httpVersion === "2.0") response.useChunkedEncodingByDefault = true;
}

function storeHeader(this: ServedResponse, firstLine: string, headers: unknown): void {
  innerResponse._storeHeader.call(this, firstLine, headers);
  // The engine makes the chunks.
  this.chunkedEncoding = false;
}

function send(
  this: ServedResponse,
  data: string | Uint8Array,
  encoding?: BufferEncoding | null,
  callback?: WriteCallback | null,
  byteLength?: number,
): boolean {
  // An application may take the response off its socket and put it on again.
  return this.socket === this[answerKey].socket
    ? this[answerKey].send(data, encoding, callback)
    : innerResponse._send.call(this, data, encoding, callback, byteLength);
}

function finish(this: ServedResponse): void {
  innerResponse._finish.call(this);
  this[answerKey].complete();
}

function onFinish(this: ServedResponse): void {
  this[answerKey].finished();
}

function checkServer(target: NodeServer): NodeServer {
  if (typeof target?.emit !== "function" || typeof target.listenerCount !== "function") {
    throw new TypeError("a Node-style application is a function (request, response), or an http.Server");
  }
  return target;
}

function ignore(): void {}
