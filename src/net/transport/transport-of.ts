/** Which transport drives a socket: its handle where that can be had, else the stream. */
import { type Server, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { acceptHandles, type HandleAcceptor, HandleTransport, supportsHandle } from "./handle-transport.ts";
import { SocketTransport } from "./socket-transport.ts";
import type { Transport } from "./transport.ts";

/**
 * Set to `stream` in the environment (`SOCLE_TRANSPORT=stream`), every socket is driven through Node's public
 * streams: should a new Node change what handle-transport.ts builds on, this is the way round it.
 */
const streamsOnly = process.env["SOCLE_TRANSPORT"] === "stream";

/** The transport for a socket that was just accepted or connected, or for any other duplex stream. */
export function transportOf(stream: Duplex): Transport {
  return !streamsOnly && stream instanceof Socket && supportsHandle(stream)
    ? HandleTransport.ofSocket(stream)
    : new SocketTransport(stream);
}

/** Takes the connections of a server that listens as transports, where that can be had: see `acceptHandles`. */
export function acceptTransports(
  server: Server,
  onTransport: (transport: Transport) => void,
): HandleAcceptor | undefined {
  return streamsOnly ? undefined : acceptHandles(server, onTransport);
}
