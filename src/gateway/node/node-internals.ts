/**
 * What `node:http` keeps to itself and the adapter uses all the same: members of its two message classes that
 * have the same names from Node 20 to 26. This is the one file that knows them.
 */
import { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

export type WriteCallback = (error?: Error | null) => void;

/** A `ServerResponse` with the members by which it hands on what an application writes. */
export interface InnerResponse extends ServerResponse {
  /** The head as text, status line and empty line included; null until it is made. */
  _header: string | null;
  /** Whether the head is on its way, so that no piece takes it along. */
  _headerSent: boolean;
  /** Trailer lines, as text. */
  _trailer: string;
  /** Whether "close" was emitted. */
  _closed: boolean;
  /** True: no Connection field is made up. */
  _removedConnection: boolean;
  /** Whether the client waits for 100, and whether it was told. */
  _expect_continue: boolean;
  _sent100: boolean;
  /** Makes the head. */
  _storeHeader(firstLine: string, headers: unknown): void;
  /** Takes a piece of the body, framed as the head says. */
  _send(
    data: string | Uint8Array,
    encoding?: BufferEncoding | null,
    callback?: WriteCallback | null,
    byteLength?: number,
  ): boolean;
  /** Called once all was written. */
  _finish(): void;
}

/** An `IncomingMessage` with the members by which a parser fills it. */
export interface InnerRequest extends IncomingMessage {
  /** Whether it came as the server's "upgrade". */
  upgrade: boolean | null;
  /** Whether anybody has begun to read the body. */
  _consuming: boolean;
  /** Whether what is left of the body is of no interest. */
  _dumped: boolean;
  readonly _readableState: {
    resumeScheduled: boolean;
    ended: boolean;
    endEmitted: boolean;
    destroyed: boolean;
    closed: boolean;
    closeEmitted: boolean;
  };
  /** Takes header lines, or trailer lines once `complete` is true: name, value, name, value, … */
  _addHeaderLines(lines: readonly string[], count: number): void;
  /** Reads what is left of the body and drops it. */
  _dump(): void;
}

export const innerResponse: InnerResponse = ServerResponse.prototype as InnerResponse;

/** Under which a response keeps that it has said "wait" and owes a "drain"; undefined if that can't be found. */
const needDrain = Object.getOwnPropertySymbols(
  new ServerResponse(new IncomingMessage(null as unknown as Socket)),
).find((symbol) => symbol.description === "kNeedDrain") as keyof ServerResponse | undefined;

/** Emits "drain" if the response has told its writer to wait. */
export function emitDrain(response: ServerResponse): void {
  if (!response.writableNeedDrain) return;
  if (needDrain !== undefined) Object.assign(response, { [needDrain]: false });
  response.emit("drain");
}

/** Emits "close", once. */
export function emitClose(response: InnerResponse): void {
  if (response._closed) return;
  response.destroyed = true;
  response._closed = true;
  response.emit("close");
}

/**
 * Ends a request whose body nobody has read, once it is answered. Where nobody listens, it is put into the state that the events
 * would leave it in: they cost more than a small answer.
 */
export function dropBody(request: InnerRequest): void {
  if (request._consuming || request._readableState.resumeScheduled || request.destroyed) return;
  request.complete = true;
  if (request.listenerCount("end") > 0 || request.listenerCount("close") > 0) {
    request.push(null);
    request._dump();
    return;
  }
  request._dumped = true;
  const state = request._readableState;
  state.ended = true;
  state.endEmitted = true;
  state.destroyed = true;
  state.closed = true;
  state.closeEmitted = true;
}

/** What a request fails with whose client has left, as Node's own says it. */
export function clientGone(): Error {
  return Object.assign(new Error("aborted"), { code: "ECONNRESET" });
}
