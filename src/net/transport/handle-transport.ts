/**
 * A `Transport` over a TCP or Unix socket's own handle, past `net.Socket` and its streams, which cost more than the rest of a
 * small request, and more memory than all that an idle connection needs besides. One read buffer serves all connections of
 * the thread, and a write that the kernel takes at once makes no object.
 *
 * This is the one file that uses what Node keeps private: `process.binding("stream_wrap")` and the handle's
 * methods. It is used only where all of them are found to be as expected (`supportsHandle`);
 * everything else goes over `SocketTransport`, which is public API alone and behaves the same.
 */
import type { Server, Socket } from "node:net";
import { constants } from "node:os";
import { getSystemErrorName } from "node:util";
import type { Protocol, Transport } from "./transport.ts";

/** Node's handle of a stream socket: `TCP` or `Pipe`. */
interface StreamHandle {
  onread: (this: StreamHandle, buffer: ArrayBuffer | undefined) => void;
  readStart(): number;
  readStop(): number;
  useUserBuffer(buffer: Uint8Array): void;
  writeLatin1String(request: WriteRequest, text: string): number;
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
  writev(request: WriteRequest, chunks: (string | Uint8Array)[], allBuffers: boolean): number;
  /** Ends our side once all is written. 1: it is done already. */
  shutdown(request: ShutdownRequest): number;
  close(onClosed: (this: StreamHandle) => void): void;
  readonly writeQueueSize: number;
  // TCP only.
  setNoDelay?(on: boolean): number;
  getpeername?(result: SocketName): number;
  getsockname?(result: SocketName): number;
  [transportKey]?: HandleTransport | undefined;
}

/** The handle of a listening socket. */
interface ListeningHandle extends StreamHandle {
  onconnection: (this: ListeningHandle, status: number, handle: StreamHandle | undefined) => void;
}

interface SocketName {
  address?: string;
  port?: number;
}

interface WriteRequest {
  oncomplete: (this: WriteRequest, status: number) => void;
  transport: HandleTransport | undefined;
}

interface ShutdownRequest {
  oncomplete: (this: ShutdownRequest, status: number) => void;
  transport: HandleTransport | undefined;
}

interface StreamBinding {
  readonly WriteWrap: new () => WriteRequest;
  readonly ShutdownWrap: new () => ShutdownRequest;
  readonly streamBaseState: Int32Array;
  readonly kReadBytesOrError: number;
  readonly kLastWriteWasAsync: number;
}

const transportKey: unique symbol = Symbol("transport");

/** As much as one read takes from the kernel. Larger buffers don't make a large transfer any faster. */
const READ_BUFFER_BYTES = 64 * 1024;
/** Up to this size a chunk is a view that was made before: making one costs a tenth of a small request. */
const CACHED_VIEW_BYTES = 4096;
/** Bytes that wait for the kernel beyond which `write` returns false. */
const HIGH_WATER_MARK = 64 * 1024;

/** What reading gives at the end: libuv's own number. */
const END_OF_FILE = -4095;
const NOT_CONNECTED = -constants.errno.ENOTCONN;
const SHUT_DOWN_ALREADY = 1;

const binding = findBinding();
const state = binding?.streamBaseState ?? new Int32Array(0);
const readBytesOrError = binding?.kReadBytesOrError ?? 0;
const lastWriteWasAsync = binding?.kLastWriteWasAsync ?? 0;
let readBuffer: Buffer | undefined;
/** The beginning of `readBuffer`, by length. */
const views: (Buffer | undefined)[] = new Array(CACHED_VIEW_BYTES + 1).fill(undefined);
/** A request that no write has taken yet. Only a write that has to wait takes one. */
let spareRequest: WriteRequest | undefined;

/** Whether a socket that was just accepted or connected can be driven by its handle. */
export function supportsHandle(socket: Socket): boolean {
  return (
    !(socket as { readonly encrypted?: boolean }).encrypted && isStreamHandle((socket as WithHandle)._handle)
  );
}

/** The handle of a socket, which Node keeps in this property. */
interface WithHandle {
  _handle?: unknown;
}

function isStreamHandle(handle: unknown): handle is StreamHandle {
  if (binding === undefined || typeof handle !== "object" || handle === null) return false;
  const found = handle as StreamHandle;
  return (
    methods.every((name) => typeof found[name] === "function") && typeof found.writeQueueSize === "number"
  );
}

const methods = [
  "readStart",
  "readStop",
  "useUserBuffer",
  "writeLatin1String",
  "writeBuffer",
  "writev",
  "shutdown",
  "close",
] as const;

/**
 * Takes the connections of a server that listens as transports, without a `net.Socket` for each; its "connection" event
 * is not emitted any more. Returns undefined, and changes nothing, where that can't be had.
 */
export function acceptHandles(
  server: Server,
  onTransport: (transport: Transport) => void,
): HandleAcceptor | undefined {
  const listening = (server as WithHandle)._handle as ListeningHandle | null | undefined;
  if (!isStreamHandle(listening) || typeof listening.onconnection !== "function") return undefined;
  const acceptor = new HandleAcceptor();
  // On Linux a connection takes it over from its listening socket, which saves a system call for each.
  const inherited = process.platform === "linux" && listening.setNoDelay?.(true) === 0;
  const report = listening.onconnection;
  listening.onconnection = function (status, handle) {
    if (status !== 0 || handle === undefined) {
      report.call(this, status, handle);
      return;
    }
    acceptor.connections++;
    if (!inherited) handle.setNoDelay?.(true);
    onTransport(new HandleTransport(handle, acceptor));
  };
  return acceptor;
}

/** What has accepted connections, and counts them. */
export class HandleAcceptor {
  /** Those that are open. */
  connections = 0;
}

export class HandleTransport implements Transport {
  readonly #handle: StreamHandle;
  /** Whom the close is told, besides the protocol: who has accepted it, or the socket that it was taken from. */
  readonly #owner: HandleAcceptor | Socket;
  #protocol: Protocol | undefined;
  #error: Error | null = null;
  #remote: SocketName | undefined;
  #local: SocketName | undefined;
  #waitingWrites = 0;
  #wantsDrain = false;
  /** Whether the peer has ended its side. */
  #peerEnded = false;
  /** Whether our side is to be ended, and whether it is. */
  #ended = false;
  #shutDown = false;
  /** Whether both sides are to be ended once all is written. */
  #closing = false;
  #destroyed = false;
  #closed = false;

  /** Internal to this file and to `ofSocket`. Nothing is read before `start`. */
  constructor(handle: StreamHandle, owner: HandleAcceptor | Socket) {
    this.#handle = handle;
    this.#owner = owner;
    handle[transportKey] = this;
    handle.onread = onRead;
  }

  /**
   * Takes the handle from a socket, which must not have been read from or written to. The socket is of no more use, but for
   * its "close" event, which comes when the transport has closed.
   */
  static ofSocket(socket: Socket): HandleTransport {
    const handle = (socket as WithHandle)._handle as StreamHandle;
    (socket as WithHandle)._handle = null;
    handle.readStop();
    return new HandleTransport(handle, socket);
  }

  get reusesChunks(): boolean {
    return this.#protocol?.keepsChunks !== true;
  }
  get remoteAddress(): string | undefined {
    return this.#remoteName().address;
  }
  get remotePort(): number | undefined {
    return this.#remoteName().port;
  }
  get localAddress(): string | undefined {
    return this.#localName().address;
  }
  get localPort(): number | undefined {
    return this.#localName().port;
  }
  readonly encrypted = false;

  start(protocol: Protocol): void {
    this.#protocol = protocol;
    if (this.#destroyed) {
      // Lost while nobody had started it.
      if (this.#closed) process.nextTick(() => protocol.onClose(this.#error));
      return;
    }
    if (!protocol.keepsChunks) {
      readBuffer ??= Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
      this.#handle.useUserBuffer(readBuffer);
    }
    this.#handle.readStart();
  }

  write(data: string | Uint8Array): boolean {
    if (this.#destroyed || this.#ended) return false;
    const request = takeRequest();
    const status =
      typeof data === "string"
        ? this.#handle.writeLatin1String(request, data)
        : this.#handle.writeBuffer(request, data);
    return this.#written(request, status);
  }

  writePair(head: string, body: Uint8Array): boolean {
    if (this.#destroyed || this.#ended) return false;
    const request = takeRequest();
    return this.#written(request, this.#handle.writev(request, [head, "latin1", body, "buffer"], false));
  }

  get bufferedBytes(): number {
    return this.#waitingWrites === 0 || this.#destroyed ? 0 : this.#handle.writeQueueSize;
  }

  pause(): void {
    if (!this.#destroyed) this.#handle.readStop();
  }

  resume(): void {
    if (!this.#destroyed && !this.#peerEnded) this.#handle.readStart();
  }

  end(): void {
    if (this.#ended || this.#destroyed) return;
    this.#ended = true;
    const request = new (binding as StreamBinding).ShutdownWrap();
    request.oncomplete = onShutDown;
    request.transport = this;
    const status = this.#handle.shutdown(request);
    if (status === 0) return;
    if (status === SHUT_DOWN_ALREADY || status === NOT_CONNECTED) process.nextTick(shutDown, this);
    else this.#destroy(systemError("shutdown", status));
  }

  close(): void {
    this.#ended = true;
    this.#closing = true;
    // Closing sends our FIN, and what the kernel has taken before it.
    if (this.#waitingWrites === 0) this.#destroy(null);
  }

  destroy(): void {
    this.#destroy(null);
  }

  /** For `onRead` only. */
  read(buffer: ArrayBuffer | undefined): void {
    const count = state[readBytesOrError] as number;
    if (count > 0) {
      if (!this.#destroyed)
        this.#protocol?.onData(buffer === undefined ? lent(count) : Buffer.from(buffer, 0, count));
    } else if (count === END_OF_FILE) {
      this.#peerEnded = true;
      this.#protocol?.onEnd();
      if (this.#shutDown) this.#destroy(null);
    } else if (count < 0) {
      this.#destroy(systemError("read", count));
    }
  }

  /** For `onWritten` only. */
  writeFinished(status: number): void {
    this.#waitingWrites--;
    if (this.#destroyed) return;
    if (status < 0) {
      this.#destroy(systemError("write", status));
    } else if (this.#closing && this.#waitingWrites === 0) {
      this.#destroy(null);
    } else if (this.#wantsDrain && this.#waitingWrites === 0) {
      this.#wantsDrain = false;
      this.#protocol?.onDrain();
    }
  }

  /** For `shutDown` only: our side is ended. */
  shutDownFinished(): void {
    this.#shutDown = true;
    if (this.#peerEnded) this.#destroy(null);
  }

  /** For `onClosed` only. */
  closed(): void {
    this.#closed = true;
    const owner = this.#owner;
    if (owner instanceof HandleAcceptor) owner.connections--;
    else owner.destroy();
    this.#protocol?.onClose(this.#error);
  }

  /** `onClose` comes later: the caller may be in the middle of something. */
  #destroy(error: Error | null): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#error = error;
    this.#handle.close(onClosed);
  }

  #written(request: WriteRequest, status: number): boolean {
    if (status !== 0) {
      this.#destroy(systemError("write", status));
      return false;
    }
    if (state[lastWriteWasAsync] === 0) return true;
    spareRequest = undefined;
    request.transport = this;
    this.#waitingWrites++;
    if (this.#handle.writeQueueSize <= HIGH_WATER_MARK) return true;
    this.#wantsDrain = true;
    return false;
  }

  #remoteName(): SocketName {
    return (this.#remote ??= this.#name("getpeername"));
  }

  #localName(): SocketName {
    return (this.#local ??= this.#name("getsockname"));
  }

  #name(which: "getpeername" | "getsockname"): SocketName {
    const name: SocketName = {};
    if (!this.#destroyed) this.#handle[which]?.(name);
    return name;
  }
}

/** What was read into the buffer of all connections. */
function lent(count: number): Buffer {
  const buffer = readBuffer as Buffer;
  if (count > CACHED_VIEW_BYTES) return buffer.subarray(0, count);
  return (views[count] ??= buffer.subarray(0, count));
}

function onRead(this: StreamHandle, buffer: ArrayBuffer | undefined): void {
  this[transportKey]?.read(buffer);
}

function onWritten(this: WriteRequest, status: number): void {
  const transport = this.transport;
  this.transport = undefined;
  transport?.writeFinished(status);
}

function onShutDown(this: ShutdownRequest): void {
  // Where it has failed, the connection is gone, and reading says so.
  shutDown(this.transport as HandleTransport);
  this.transport = undefined;
}

function shutDown(transport: HandleTransport): void {
  transport.shutDownFinished();
}

function onClosed(this: StreamHandle): void {
  this[transportKey]?.closed();
}

function takeRequest(): WriteRequest {
  if (spareRequest === undefined) {
    spareRequest = new (binding as StreamBinding).WriteWrap();
    spareRequest.oncomplete = onWritten;
    spareRequest.transport = undefined;
  }
  return spareRequest;
}

function systemError(call: string, status: number): Error {
  const code = getSystemErrorName(status);
  return Object.assign(new Error(`${call} ${code}`), { errno: status, code, syscall: call });
}

function findBinding(): StreamBinding | undefined {
  try {
    const found = (process as unknown as { binding(name: string): Partial<StreamBinding> }).binding(
      "stream_wrap",
    );
    return typeof found.WriteWrap === "function" &&
      typeof found.ShutdownWrap === "function" &&
      found.streamBaseState !== undefined &&
      typeof found.kReadBytesOrError === "number" &&
      typeof found.kLastWriteWasAsync === "number"
      ? (found as StreamBinding)
      : undefined;
  } catch {
    return undefined;
  }
}
