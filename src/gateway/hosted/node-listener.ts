/** An application as a listener of somebody else's Node server. */
import type { Duplex } from "node:stream";
import { ExchangeError, RequestError } from "../../http/errors.ts";
import { statusLine } from "../../http/response-head.ts";
import { HttpServer } from "../../http/server.ts";
import { SocketTransport } from "../../net/transport/socket-transport.ts";
import type { Application } from "../application.ts";
import { HostedApplication, type HostedOptions, plainText } from "./hosted-application.ts";
import { NodeExchange } from "./node-exchange.ts";
import type { NodeRequest, NodeResponse } from "./node-message.ts";

/** Takes the requests of a Node server. */
export interface NodeListener {
  /** For the server's `request` event; also the callback of `createServer`, and a handler of Express or Connect. */
  (request: NodeRequest, response: NodeResponse): void;
  /**
   * For the server's `upgrade` event, if the application takes connections over (WebSocket):
   * `server.on("upgrade", listener.upgrade)`. A request of that kind that the application just answers is answered, and its
   * connection is closed.
   */
  readonly upgrade: (request: NodeRequest, socket: Duplex, head: Uint8Array) => void;
}

/**
 * The application as a listener for a server of `node:http`, `node:https` or `node:http2`:
 *
 *     http.createServer(toNodeListener(application)).listen(8000);
 *
 * `start` is called before the first request. What the application throws is answered with 500, or the answer is cut
 * when it was begun.
 */
export function toNodeListener(application: Application, options: HostedOptions = {}): NodeListener {
  const hosted = new HostedApplication(application, options);
  let engine: HttpServer | undefined;
  const listener = (request: NodeRequest, response: NodeResponse): void => {
    let exchange: NodeExchange;
    try {
      exchange = new NodeExchange(request, response, hosted.maxBodyBytes);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      refuse(error, response);
      return;
    }
    if (exchange.bodyWasRead) hosted.fail(new ExchangeError(bodyWasRead), exchange);
    else hosted.answer(exchange);
  };
  const speak = (socket: Duplex, ...received: Uint8Array[]): void => {
    engine ??= new HttpServer((exchange) => hosted.answer(exchange), {
      limits: { maxRequestsPerConnection: 1, maxBodyBytes: hosted.maxBodyBytes },
    });
    socket.unshift(Buffer.concat(received));
    engine.serve(new SocketTransport(socket));
  };
  // Node has given up its part of such a connection, so our own engine speaks on it: from the head on, which is put back.
  const upgrade = (request: NodeRequest, socket: Duplex, head: Uint8Array): void => {
    if (!hasContentOfItsOwn(request)) {
      speak(socket, headOf(request, null), head);
      return;
    }
    // Nobody else listens, and an error without a listener ends the process.
    socket.on("error", ignore);
    readContent(request, hosted.maxBodyBytes).then(
      (content) => {
        if (content === null) socket.end(`${statusLine(413)}connection: close\r\ncontent-length: 0\r\n\r\n`);
        else speak(socket, headOf(request, content.length), content, head);
      },
      () => socket.destroy(),
    );
  };
  return Object.assign(listener, { upgrade });
}

const bodyWasRead =
  "the request's body was read before it came here: put a Socle application before body parsers";

/** Answers what is no request as our own engine would. */
function refuse(error: RequestError, response: NodeResponse): void {
  response.statusCode = error.status;
  for (let i = 0; i < plainText.length; i += 2) {
    response.setHeader(plainText[i] as string, plainText[i + 1] as string);
  }
  response.end(`${error.message}\n`);
}

/** Whether Node has taken the content of a request for an upgrade apart (26 does); else it stands behind the head. */
function hasContentOfItsOwn(request: NodeRequest): boolean {
  return !request.complete || request.readableLength > 0;
}

/** The whole content, or null if it is too large. */
async function readContent(request: NodeRequest, maxBytes: number): Promise<Buffer | null> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request) {
    length += piece.length;
    if (length > maxBytes) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/**
 * The head of a request as it came.
 * @param contentLength of content that has been read, and so is no longer in chunks
 */
function headOf(request: NodeRequest, contentLength: number | null): Buffer {
  let head = `${request.method} ${request.url} HTTP/${request.httpVersion}\r\n`;
  const { rawHeaders } = request;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (contentLength !== null && /^(?:content-length|transfer-encoding|expect)$/i.test(name)) continue;
    head += `${name}: ${rawHeaders[i + 1]}\r\n`;
  }
  if (contentLength !== null) head += `content-length: ${contentLength}\r\n`;
  return Buffer.from(`${head}\r\n`, "latin1");
}

function ignore(): void {}
