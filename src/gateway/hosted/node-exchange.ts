/**
 * An exchange over the request and response of a Node server: how an application of ours runs within somebody
 * else's `http.createServer`.
 */
import type { TLSSocket } from "node:tls";
import type { Exchange, HeaderList } from "../../http/exchange.ts";
import type { FieldSection } from "../../http/field-section.ts";
import { answerFields, trailerFields } from "../../http/http2-response-head.ts";
import { checkStatus } from "../../http/response-head.ts";
import { SWITCHING_PROTOCOLS } from "../../http/status.ts";
import { checkTrailers } from "../../http/trailers.ts";
import { SocketTlsFacts } from "../../net/transport/tls-facts.ts";
import type { Endpoints } from "../../net/transport/transport.ts";
import { CheckedExchange } from "../checked-exchange.ts";
import { IteratedBody } from "../iterated-body.ts";
import { lowerCaseFields, readNodeHead } from "./node-head.ts";
import type { NodeRequest, NodeResponse } from "./node-message.ts";

/** RFC 9113 §7. */
const INTERNAL_ERROR = 2;

export class NodeExchange extends CheckedExchange {
  readonly method: string;
  readonly target: string;
  readonly httpVersion: Exchange["httpVersion"];
  readonly scheme: Exchange["scheme"];
  readonly authority: string;
  readonly headers: FieldSection;
  readonly body: IteratedBody | null;
  /** The path that the framework around has mounted us at, or "" (mounted-exchange.ts). */
  readonly mountPath: string;
  /** Whether somebody has read the body before us, so that the application can't. */
  readonly bodyWasRead: boolean;
  readonly #socket: TLSSocket;
  readonly #response: NodeResponse;
  #endpoints: Endpoints | undefined;
  #listening = false;
  #taken: Promise<void> | undefined;
  #onTaken: (() => void) | undefined;

  /** @throws RequestError for a request that our own parser would have refused. */
  constructor(request: NodeRequest, response: NodeResponse, maxBodyBytes: number) {
    super();
    const head = readNodeHead(request);
    this.method = head.method;
    this.target = head.target;
    this.httpVersion = head.httpVersion;
    this.authority = head.authority;
    this.headers = head.headers;
    this.mountPath = typeof request.baseUrl === "string" ? request.baseUrl : "";
    this.#socket = request.socket as TLSSocket;
    this.scheme = this.#socket.encrypted === true ? "https" : "http";
    this.bodyWasRead = head.hasContent && request.readableDidRead;
    this.body = head.hasContent ? contentOf(request, head.contentLength, maxBodyBytes) : null;
    this.#response = response;
    response.once("close", () => this.lose());
    // What is written to a client that has gone is an error to Node, and one without a listener ends the process.
    response.on("error", ignore);
    request.on("error", ignore);
  }

  get connection(): Endpoints {
    return (this.#endpoints ??= endpointsOf(this.#socket));
  }

  // What `CheckedExchange` asks for.

  /** Over HTTP/2 Node sends no other status. */
  override checkStatusLine(status: number, reason: string | undefined): void {
    if (this.#response.stream !== undefined) checkStatus(status);
    super.checkStatusLine(status, reason);
  }

  sendWhole(
    status: number,
    headers: HeaderList,
    body: string | Uint8Array | null,
    contentLength: number,
    reason: string | undefined,
  ): void {
    const response = this.#response;
    this.#setHead(status, headers, reason);
    if (contentLength >= 0) response.setHeader("content-length", String(contentLength));
    if (body === null || body.length === 0) response.end();
    else response.end(body);
  }

  sendHead(status: number, headers: HeaderList, bodiless: boolean, reason: string | undefined): void {
    const response = this.#response;
    this.#setHead(status, headers, reason);
    response.writeHead(status);
    // With the first piece, if there is one in this turn.
    if (!bodiless) process.nextTick(flushHeaders, response);
  }

  sendPiece(piece: string | Uint8Array): Promise<void> | undefined {
    const response = this.#response;
    if (response.write(piece)) return undefined;
    if (!this.#listening) {
      this.#listening = true;
      response.on("drain", () => this.#release());
    }
    return (this.#taken ??= new Promise((resolve) => {
      this.#onTaken = resolve;
    }));
  }

  sendEnd(trailers: HeaderList): void {
    if (trailers.length > 0) this.#response.addTrailers(trailerFields(trailers));
    this.#response.end();
    this.#release();
  }

  /** Over HTTP/1.1 Node sends 102 without fields, and 103 with well-formed links; others it has no way to send. */
  sendInterim(status: number, headers: HeaderList): void {
    const response = this.#response;
    if (response.stream !== undefined) {
      response.stream.additionalHeaders(answerFields(status, headers));
    } else if (status === 102) {
      response.writeProcessing?.();
    } else if (status === 103) {
      try {
        response.writeEarlyHints?.(Object.fromEntries(grouped(headers)));
      } catch {
        // Node takes fewer forms of a link than there are. A hint is never owed.
      }
    }
  }

  cut(): void {
    const response = this.#response;
    if (response.stream !== undefined) response.stream.close(INTERNAL_ERROR);
    // What was written in this turn still goes.
    else process.nextTick(() => response.destroy());
  }

  clientLost(): void {
    this.body?.disconnect();
    this.#release();
  }

  #setHead(status: number, headers: HeaderList, reason: string | undefined): void {
    const response = this.#response;
    response.statusCode = status;
    if (response.stream !== undefined) {
      const { ":status": _, ...fields } = answerFields(status, headers);
      for (const name in fields) response.setHeader(name, fields[name] as string | string[]);
      return;
    }
    if (reason !== undefined) response.statusMessage = reason;
    const options: string[] = status === SWITCHING_PROTOCOLS ? ["close"] : [];
    for (const [name, value] of grouped(headers)) {
      const key = name.toLowerCase();
      // RFC 9110 §7.8: whoever sends Upgrade must say so in Connection.
      if (key === "upgrade") options.push("upgrade");
      if (key === "connection") options.push("close");
      else response.setHeader(name, value);
    }
    if (options.length > 0) response.setHeader("connection", options.join(", "));
  }

  #release(): void {
    this.#taken = undefined;
    this.#onTaken?.();
    this.#onTaken = undefined;
  }
}

function contentOf(request: NodeRequest, length: number | null, maxBytes: number): IteratedBody {
  return new IteratedBody(
    () => request.iterator({ destroyOnReturn: false }),
    length,
    maxBytes,
    () => {
      if (request.rawTrailers.length === 0) return null;
      const trailers = lowerCaseFields(request.rawTrailers);
      checkTrailers(trailers);
      return trailers;
    },
  );
}

/** Fields by name: the values of one that comes again stand together. */
function grouped(headers: HeaderList): Map<string, string | string[]> {
  const fields = new Map<string, string | string[]>();
  // HTTP/1.1 has names in the case in which they were given first; to others it is no matter.
  const firstNames = new Map<string, string>();
  for (let i = 0; i < headers.length; i += 2) {
    const given = headers[i] as string;
    const value = headers[i + 1] as string;
    const key = given.toLowerCase();
    const name = firstNames.get(key) ?? given;
    const earlier = fields.get(name);
    firstNames.set(key, name);
    fields.set(name, earlier === undefined ? value : [earlier, value].flat());
  }
  return fields;
}

function endpointsOf(socket: TLSSocket): Endpoints {
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  const encrypted = socket.encrypted === true;
  const tls = encrypted ? new SocketTlsFacts(socket) : undefined;
  return { remoteAddress, remotePort, localAddress, localPort, encrypted, tls };
}

function flushHeaders(response: NodeResponse): void {
  if (!response.destroyed && !response.writableEnded) response.flushHeaders?.();
}

function ignore(): void {}
