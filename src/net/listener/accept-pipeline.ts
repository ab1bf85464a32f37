/**
 * What a connection goes through between its acceptance and the protocol, on a listener that has options for it:
 *
 *     PROXY header ──▶ allow and deny ──▶ caps and rate ──▶ TLS handshake ──▶ served
 *          │                  │            (may wait)             │
 *          └──────────────────┴─────────────── refused ───────────┘
 *
 * Before it is its turn, nothing is read from a connection but a PROXY header, and that only from the peers that may
 * send one. Every stage in which a peer lets us wait has a deadline.
 */
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { clock, type Ticking } from "../clock.ts";
import { UNREGISTERED } from "../registry.ts";
import { ProxiedEndpoints } from "../transport/proxied-endpoints.ts";
import { SocketTransport } from "../transport/socket-transport.ts";
import type { Transport } from "../transport/transport.ts";
import { transportOf } from "../transport/transport-of.ts";
import { type AcceptOptions, hasCaps, hasRules, type RefusalReason } from "./accept-options.ts";
import { AccessRules, NetworkList } from "./access.ts";
import { Admission, type Applicant, type Excess } from "./admission.ts";
import { checkWholeNumber } from "./option-error.ts";
import { ProxyHeaderError, ProxyHeaderParser, type ProxyResult } from "./proxy-protocol.ts";
import type { TlsTerminator } from "./tls.ts";

const DEFAULT_PROXY_TIMEOUT = 5_000;
const DEFAULT_HANDSHAKE_TIMEOUT = 10_000;
const DEFAULT_WAIT_TIMEOUT = 30_000;
const MOST_MILLISECONDS = 2 ** 31 - 1;

export class AcceptPipeline implements Ticking {
  place: number = UNREGISTERED;
  readonly #onTransport: (transport: Transport) => void;
  readonly #onRefused: AcceptOptions["onRefused"];
  readonly #rules: AccessRules | undefined;
  readonly #admission: Admission | undefined;
  readonly #proxies: NetworkList | undefined;
  readonly #headerRequired: boolean;
  readonly #headerTimeout: number;
  readonly #handshakeTimeout: number;
  readonly #waitTimeout: number;
  #tls: TlsTerminator | undefined;
  /** The connections that are not served yet. */
  readonly #arrivals: Map<Socket, Arrival> = new Map();
  /** Whether sockets have to be accepted without being read from. */
  readonly pauseOnConnect: boolean;

  private constructor(options: AcceptOptions, backlog: number, onTransport: (transport: Transport) => void) {
    const { proxyProtocol } = options;
    checkWholeNumber("handshakeTimeout", options.handshakeTimeout, 1, MOST_MILLISECONDS);
    checkWholeNumber("proxyProtocol.timeout", proxyProtocol?.timeout, 1, MOST_MILLISECONDS);
    this.#onTransport = onTransport;
    this.#onRefused = options.onRefused;
    this.#rules = hasRules(options) ? new AccessRules(options) : undefined;
    this.#admission = hasCaps(options) ? new Admission(options, backlog) : undefined;
    this.#proxies =
      proxyProtocol === undefined ? undefined : new NetworkList("proxyProtocol.from", proxyProtocol.from);
    this.#headerRequired = proxyProtocol?.required ?? true;
    this.#headerTimeout = proxyProtocol?.timeout ?? DEFAULT_PROXY_TIMEOUT;
    this.#handshakeTimeout = options.handshakeTimeout ?? DEFAULT_HANDSHAKE_TIMEOUT;
    this.#waitTimeout = options.waitTimeout ?? DEFAULT_WAIT_TIMEOUT;
    this.pauseOnConnect = options.overflow === "wait";
  }

  /**
   * @param onTransport called with each connection that is ready to be served
   * @param onError told when certificates that have changed can't be used
   * @throws OptionError
   */
  static async open(
    options: AcceptOptions,
    backlog: number,
    onTransport: (transport: Transport) => void,
    onError: (error: Error) => void,
  ): Promise<AcceptPipeline> {
    const pipeline = new AcceptPipeline(options, backlog, onTransport);
    if (options.tls !== undefined) {
      // Only now: node:tls takes time and memory that most listeners have no use for.
      const { TlsTerminator } = await import("./tls.ts");
      pipeline.#tls = await TlsTerminator.open(options.tls, {
        onSecure: (socket, secured) => pipeline.#secured(socket, secured),
        onFailed: (socket, reason) => pipeline.#handshakeFailed(socket, reason),
        onReloadError: onError,
      });
    }
    return pipeline;
  }

  /** Takes a socket that was just accepted. */
  accept(socket: Socket): void {
    const { remoteAddress } = socket;
    if (remoteAddress === undefined && socket.localAddress !== undefined) {
      socket.destroy(); // reset already, and not to be taken for a Unix socket
      return;
    }
    const arrival = new Arrival(this, socket, remoteAddress);
    if (this.#proxies?.has(remoteAddress) === true) this.#readHeader(arrival);
    else this.#judge(arrival);
  }

  /** Reads the certificates again. */
  async reloadTls(): Promise<void> {
    await this.#tls?.reload();
  }

  /** Ends the connections that are not served yet. */
  close(): void {
    this.#admission?.close();
    this.#tls?.close();
    for (const arrival of [...this.#arrivals.values()]) this.#drop(arrival);
  }

  tick(now: number): void {
    for (const arrival of [...this.#arrivals.values()]) {
      if (now < arrival.deadline) continue;
      if (arrival.stage === "header") {
        this.#refuse(arrival, "proxy-timeout", "the PROXY header took too long");
      } else if (arrival.stage === "waiting") {
        this.#refuse(arrival, "wait-timeout", "no connection ended to make room");
      } else {
        this.#refuse(arrival, "tls-timeout", "the TLS handshake took too long");
      }
    }
  }

  // What an arrival calls.

  /** Its turn has come. */
  proceed(arrival: Arrival): void {
    if (this.#tls === undefined) {
      this.#serve(
        arrival,
        arrival.touched ? new SocketTransport(arrival.socket, arrival.proxied) : transportOf(arrival.socket),
      );
      return;
    }
    this.#await(arrival, "handshake", this.#handshakeTimeout);
    this.#tls.secure(arrival.socket);
  }

  gone(arrival: Arrival): void {
    if (this.#arrivals.has(arrival.socket) && arrival.stage === "header") {
      this.#refuse(arrival, "proxy-header", "the connection was lost within the PROXY header");
    }
    // Of a handshake that was broken off, TLS says why in a moment.
    if (arrival.stage !== "handshake") this.#forget(arrival);
    if (arrival.counted) this.#admission?.leave(arrival);
  }

  #readHeader(arrival: Arrival): void {
    const { socket } = arrival;
    const parser = new ProxyHeaderParser(this.#headerRequired);
    this.#await(arrival, "header", this.#headerTimeout);
    arrival.touched = true;
    const onData = (chunk: Uint8Array): void => {
      let result: ProxyResult | undefined;
      try {
        result = parser.feed(chunk);
      } catch (error) {
        if (!(error instanceof ProxyHeaderError)) throw error;
        this.#refuse(arrival, "proxy-header", error.message);
        return;
      }
      if (result === undefined) return;
      socket.off("data", onData);
      socket.off("end", onEnd);
      socket.pause();
      // What came behind the header is the client's, for whoever reads next.
      if (result.rest.length > 0) socket.unshift(result.rest);
      if (result.header !== null) arrival.proxied = new ProxiedEndpoints(result.header, socket);
      this.#judge(arrival);
    };
    const onEnd = (): void => {
      this.#refuse(arrival, "proxy-header", "the connection ended within the PROXY header");
    };
    socket.on("data", onData);
    socket.on("end", onEnd);
    socket.resume();
  }

  #judge(arrival: Arrival): void {
    const address = arrival.address;
    if (this.#rules?.permits(address) === false) {
      this.#refuse(arrival, "denied", "the address may not connect");
      return;
    }
    const admission = this.#admission;
    if (admission === undefined) {
      this.proceed(arrival);
      return;
    }
    arrival.key = admission.keyOf(address);
    arrival.counted = true;
    this.#await(arrival, "waiting", this.#waitTimeout);
    const excess = admission.apply(arrival);
    if (excess === undefined) return;
    arrival.counted = false;
    this.#refuse(arrival, excess, excessInWords[excess]);
  }

  #secured(socket: Socket, secured: TLSSocket): void {
    const arrival = this.#arrivals.get(socket);
    if (arrival === undefined) secured.destroy();
    else this.#serve(arrival, new SocketTransport(secured, arrival.proxied));
  }

  #handshakeFailed(socket: Socket, reason: string): void {
    const arrival = this.#arrivals.get(socket);
    if (arrival !== undefined) this.#refuse(arrival, "tls-handshake", reason);
  }

  #serve(arrival: Arrival, transport: Transport): void {
    this.#forget(arrival);
    this.#onTransport(transport);
  }

  #refuse(arrival: Arrival, reason: RefusalReason, detail: string): void {
    this.#drop(arrival);
    this.#onRefused?.(reason, arrival.address, detail);
  }

  #drop(arrival: Arrival): void {
    this.#forget(arrival);
    arrival.socket.destroy();
  }

  #await(arrival: Arrival, stage: Stage, milliseconds: number): void {
    if (this.#arrivals.size === 0) clock.watch(this);
    this.#arrivals.set(arrival.socket, arrival);
    arrival.stage = stage;
    arrival.deadline = clock.after(milliseconds);
  }

  #forget(arrival: Arrival): void {
    if (this.#arrivals.delete(arrival.socket) && this.#arrivals.size === 0) clock.unwatch(this);
  }
}

type Stage = "header" | "waiting" | "handshake";

/** A connection on its way through. */
class Arrival implements Applicant {
  readonly socket: Socket;
  readonly #pipeline: AcceptPipeline;
  readonly #peerAddress: string | undefined;
  stage: Stage = "header";
  /** On the coarse clock. */
  deadline: number = Number.POSITIVE_INFINITY;
  proxied: ProxiedEndpoints | undefined;
  /** Whether its stream has been read from, so that it must be read from on. */
  touched = false;
  key: string | undefined;
  /** Whether the admission counts it, as let in or as waiting. */
  counted = false;

  constructor(pipeline: AcceptPipeline, socket: Socket, peerAddress: string | undefined) {
    this.socket = socket;
    this.#pipeline = pipeline;
    this.#peerAddress = peerAddress;
    // A reset before it is served is no news; whoever serves it listens for errors as well.
    socket.on("error", ignore);
    socket.on("close", () => this.#pipeline.gone(this));
  }

  /** The client's address. */
  get address(): string | undefined {
    return this.proxied === undefined ? this.#peerAddress : this.proxied.remoteAddress;
  }

  admit(): void {
    this.#pipeline.proceed(this);
  }
}

function ignore(): void {}

const excessInWords: Readonly<Record<Excess, string>> = {
  "too-many-connections": "as many connections are open as may be",
  "too-many-from-address": "the address has as many connections as it may have",
  "accept-rate": "connections come faster than they are accepted",
};
