/**
 * The events of Node's streams, handed to a `Protocol`. A socket keeps what it drives, so that all sockets share one set of
 * listeners: a closure and its context for each would take half as much memory as the socket.
 */
import type { Duplex } from "node:stream";
import type { Protocol } from "./transport.ts";

const driver: unique symbol = Symbol("driver");

export interface Driven extends Duplex {
  [driver]?: Protocol;
}

/** A stream without an error listener takes the process down; which error it was, `errored` tells at the close. */
export function listenForErrors(socket: Duplex): void {
  socket.on("error", onError);
}

/** Hands the end and the close on. Returns false when the socket is closed already; the protocol is told of that. */
export function drive(socket: Driven, protocol: Protocol): boolean {
  socket[driver] = protocol;
  if (socket.closed) {
    // Lost while nobody had started it: its events have been.
    process.nextTick(() => protocol.onClose(socket.errored));
    return false;
  }
  socket.on("close", onClose);
  socket.on("end", onEnd);
  return true;
}

/** Hands bytes and drains on as well. */
export function listenForData(socket: Driven): void {
  socket.on("drain", onDrain);
  socket.on("data", onData);
}

function onData(this: Driven, chunk: Uint8Array): void {
  this[driver]?.onData(chunk);
}

function onEnd(this: Driven): void {
  this[driver]?.onEnd();
}

function onDrain(this: Driven): void {
  this[driver]?.onDrain();
}

function onClose(this: Driven): void {
  this[driver]?.onClose(this.errored);
}

/** What happened is told by `onClose`. */
function onError(): void {}
