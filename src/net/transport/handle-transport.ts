/**
 * A `Transport` over a TCP or Unix socket's own handle, past the stream machinery of `node:stream` that
 * costs more than the rest of a small request. One read buffer serves all connections of the thread, and a write that
 * the kernel takes at once makes no object.
 *
 * This is the one file that uses what Node keeps private: `process.binding("stream_wrap")` and the handle's
 * methods. It is used only where all of them are found to be as expected (`supportsHandleTransport`);
 * everything else goes over `SocketTransport`, which is public API alone and behaves the same.
 */
import type { Socket } from "node:net";
import { getSystemErrorName } from "node:util";
import { drive, listenForErrors } from "./driven-socket.ts";
import type { Protocol, Transport } from "./transport.ts";

/** Node's handle of a stream socket: `TCP` or `Pipe`. */
interface StreamHandle {
  onread: (this: StreamHandle, buffer: ArrayBuffer | undefined) => void;
  /** The socket's note that it has called `readStart`. */
  reading: boolean;
  readStart(): number;
  readStop(): number;
  useUserBuffer(buffer: Uint8Array): void;
  writeLatin1String(request: WriteRequest, text: string): number;
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
  writev(request: WriteRequest, chunks: (string | Uint8Array)[], allBuffers: boolean): number;
  readonly writeQueueSize: number;
  [transportKey]?: HandleTransport;
}

interface WriteRequest {
  oncomplete: (this: WriteRequest, status: number) => void;
  transport: HandleTransport | undefined;
}

interface StreamBinding {
  readonly WriteWrap: new () => WriteRequest;
  readonly streamBaseState: Int32Array;
  readonly kReadBytesOrError: number;
  readonly kLastWriteWasAsync: number;
}

const transportKey: unique symbol = Symbol("transport");

/** As much as one read takes from the kernel. Larger buffers don't make a large transfer any faster. */
const READ_BUFFER_BYTES = 64 * 1024;
/** Bytes that wait for the kernel beyond which `write` returns false. */
const HIGH_WATER_MARK = 64 * 1024;

const binding = findBinding();
const state = binding?.streamBaseState ?? new Int32Array(0);
const readBytesOrError = binding?.kReadBytesOrError ?? 0;
const lastWriteWasAsync = binding?.kLastWriteWasAsync ?? 0;
let readBuffer: Buffer | undefined;
/** A request that no write has taken yet. Only a write that has to wait takes one. */
let spareRequest: WriteRequest | undefined;

/** Whether a socket that was just accepted or connected can be driven by its handle. */
export function supportsHandleTransport(socket: Socket): boolean {
  if (binding === undefined) return false;
  const handle = handleOf(socket);
  return (
    handle !== undefined &&
    !(socket as { readonly encrypted?: boolean }).encrypted &&
    methods.every((name) => typeof handle[name] === "function") &&
    typeof handle.writeQueueSize === "number"
  );
}

const methods = [
  "onread",
  "readStart",
  "readStop",
  "useUserBuffer",
  "writeLatin1String",
  "writeBuffer",
  "writev",
] as const;

export class HandleTransport implements Transport {
  readonly #socket: Socket;
  readonly #handle: StreamHandle;
  readonly #onreadOfSocket: StreamHandle["onread"];
  #protocol: Protocol | undefined;
  #waitingWrites = 0;
  #wantsDrain = false;
  #ended = false;

  /** The socket must not have been read from or written to. */
  constructor(socket: Socket) {
    this.#socket = socket;
    this.#handle = handleOf(socket) as StreamHandle;
    this.#onreadOfSocket = this.#handle.onread;
    // Until `start`, nothing is read: the stream would keep it, and nobody would find it there.
    this.#handle.readStop();
    listenForErrors(socket);
  }

  get reusesChunks(): boolean {
    return this.#protocol?.keepsChunks !== true;
  }
  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }
  get remotePort(): number | undefined {
    return this.#socket.remotePort;
  }
  get localAddress(): string | undefined {
    return this.#socket.localAddress;
  }
  get localPort(): number | undefined {
    return this.#socket.localPort;
  }
  readonly encrypted = false;

  start(protocol: Protocol): void {
    const socket = this.#socket;
    this.#protocol = protocol;
    if (!drive(socket, protocol) || socket.destroyed) return;
    // Flowing, so that the end comes out; bytes never get that far.
    socket.resume();
    const handle = this.#handle;
    if (!protocol.keepsChunks) {
      readBuffer ??= Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
      handle.useUserBuffer(readBuffer);
    }
    handle[transportKey] = this;
    handle.onread = onRead;
    handle.reading = true; // or a socket that was accepted paused would start it again, and fail
    handle.readStart();
  }

  write(data: string | Uint8Array): boolean {
    if (this.#closed()) return false;
    const request = takeRequest();
    const status =
      typeof data === "string"
        ? this.#handle.writeLatin1String(request, data)
        : this.#handle.writeBuffer(request, data);
    return this.#written(request, status);
  }

  writePair(head: string, body: Uint8Array): boolean {
    if (this.#closed()) return false;
    const request = takeRequest();
    return this.#written(request, this.#handle.writev(request, [head, "latin1", body, "buffer"], false));
  }

  get bufferedBytes(): number {
    return this.#waitingWrites === 0 || this.#socket.destroyed ? 0 : this.#handle.writeQueueSize;
  }

  pause(): void {
    if (!this.#socket.destroyed) this.#handle.readStop();
  }

  resume(): void {
    if (!this.#socket.destroyed) this.#handle.readStart();
  }

  end(): void {
    this.#ended = true;
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** For `onRead` only. */
  read(buffer: ArrayBuffer | undefined): void {
    const count = state[readBytesOrError] as number;
    if (count < 0) {
      // The end and errors take the socket's own way, and come out as its events.
      this.#onreadOfSocket.call(this.#handle, buffer);
    } else if (count > 0) {
      const chunk =
        buffer === undefined ? (readBuffer as Buffer).subarray(0, count) : Buffer.from(buffer, 0, count);
      this.#protocol?.onData(chunk);
    }
  }

  /** For `onWritten` only. */
  writeFinished(status: number): void {
    this.#waitingWrites--;
    if (status < 0) {
      this.#fail(status);
    } else if (this.#wantsDrain && this.#waitingWrites === 0) {
      this.#wantsDrain = false;
      this.#protocol?.onDrain();
    }
  }

  #closed(): boolean {
    return this.#socket.destroyed || this.#ended;
  }

  #written(request: WriteRequest, status: number): boolean {
    if (status !== 0) {
      this.#fail(status);
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

  /** Not within `write`: its caller is in the middle of something. */
  #fail(status: number): void {
    if (this.#socket.destroyed) return;
    const code = getSystemErrorName(status);
    const error = Object.assign(new Error(`writing failed: ${code}`), { code });
    process.nextTick(destroySocket, this.#socket, error);
  }
}

function destroySocket(socket: Socket, error: Error): void {
  socket.destroy(error);
}

function onRead(this: StreamHandle, buffer: ArrayBuffer | undefined): void {
  this[transportKey]?.read(buffer);
}

function onWritten(this: WriteRequest, status: number): void {
  const transport = this.transport;
  this.transport = undefined;
  transport?.writeFinished(status);
}

function takeRequest(): WriteRequest {
  if (spareRequest === undefined) {
    spareRequest = new (binding as StreamBinding).WriteWrap();
    spareRequest.oncomplete = onWritten;
    spareRequest.transport = undefined;
  }
  return spareRequest;
}

function handleOf(socket: Socket): StreamHandle | undefined {
  return (socket as unknown as { readonly _handle?: StreamHandle })._handle ?? undefined;
}

function findBinding(): StreamBinding | undefined {
  try {
    const found = (process as unknown as { binding(name: string): Partial<StreamBinding> }).binding(
      "stream_wrap",
    );
    return typeof found.WriteWrap === "function" &&
      found.streamBaseState !== undefined &&
      typeof found.kReadBytesOrError === "number" &&
      typeof found.kLastWriteWasAsync === "number"
      ? (found as StreamBinding)
      : undefined;
  } catch {
    return undefined;
  }
}
