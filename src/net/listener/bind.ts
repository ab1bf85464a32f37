/**
 * Binds an address without accepting on it. The descriptor is for others to listen
 * on: a supervisor binds, its workers inherit the descriptor and accept.
 *
 * `listen(2)` is not called here, because libuv can't listen without accepting.
 * Two sockets may so be bound to one free port at the same moment (SO_REUSEADDR);
 * the second to listen then gets EADDRINUSE, which `bindError` words just as here.
 * An address that a server listens on already is refused at once.
 */
import { lookup } from "node:dns/promises";
import { fstatSync, rmSync } from "node:fs";
import * as net from "node:net";
import { getSystemErrorName } from "node:util";
import type { Address, ListenAddress, TcpAddress, UnixAddress } from "../address.ts";
import { ActivationError, findActivated } from "./activation.ts";
import { BindError, bindError, systemCodeOf } from "./bind-error.ts";
import { checkWholeNumber, OptionError } from "./option-error.ts";
import { bindPath, pathOfSocket, SocketFile } from "./unix-socket-file.ts";

export { BindError, bindError } from "./bind-error.ts";

/** How an address is bound. What does not fit its kind counts for nothing. */
export interface BindOptions {
  /** A Unix socket's permissions, such as 0o660: who may write may connect. Default: what the umask leaves. */
  readonly unixMode?: number;
  /** TCP: an IPv6 address takes no IPv4 connections. Default false: `[::]` takes both. */
  readonly ipv6Only?: boolean;
  /**
   * TCP: several sockets may listen on the address, each with a queue of its own, over which the kernel spreads the
   * connections (SO_REUSEPORT). Default false. Needs Node.js 22.12 or 23.1.
   */
  readonly reusePort?: boolean;
}

/** A bound socket on which nobody has to listen yet. */
export interface BoundListener extends AsyncDisposable {
  /** The descriptor: for `listen({ fd })`, here or in a process that inherits it. It belongs to the listener. */
  readonly fd: number;
  /** Where it is bound: a host name is resolved, port 0 replaced by the port that the system chose. */
  readonly address: Address;
  /** Closes the descriptor and removes a Unix socket's file. Others who inherited it are not touched. */
  close(): void;
  /** Closes the descriptor, and leaves a Unix socket's file to another process that has taken the socket over. */
  leave(): void;
}

/**
 * Binds a TCP address (the first one that a host name resolves to) or a Unix socket, or takes over a socket that this
 * process was started with. The file of a Unix socket whose server has died is replaced.
 * @throws BindError, OptionError
 */
export async function bind(address: ListenAddress, options: BindOptions = {}): Promise<BoundListener> {
  checkBindOptions(options);
  switch (address.kind) {
    case "tcp":
      return bindTcp(address, options);
    case "unix":
      return bindUnix(address, options);
    default:
      return takeOver(address, descriptorOf(address));
  }
}

/**
 * Takes over a socket that another process has bound, and its file, if it has one: from now on this process removes it.
 * @throws BindError when it is no socket
 */
export function adopt(fd: number, address: Address): BoundListener {
  const bound = takeOver({ kind: "fd", fd }, fd);
  if (address.kind !== "unix") return bound;
  const close = (): void => {
    bound.close();
    // Of a socket that it has not bound libuv leaves the file.
    rmSync(address.path, { force: true });
  };
  return new Bound({ fd: () => fd, close }, address, new SocketFile(address.path, undefined));
}

/** @throws OptionError */
export function checkBindOptions({ unixMode, reusePort }: BindOptions): void {
  checkWholeNumber("unixMode", unixMode, 0, 0o777);
  if (reusePort === true && !hasReusePort()) {
    throw new OptionError(`reusePort needs Node.js 22.12 or 23.1 or newer, and this is ${process.version}`);
  }
}

/**
 * The descriptor that an address stands for.
 * @throws BindError when it is no socket
 */
export function descriptorOf(address: Exclude<ListenAddress, Address>): number {
  try {
    const fd = address.kind === "fd" ? address.fd : findActivated(address.name);
    if (!fstatSync(fd).isSocket()) throw bindError(address, "ENOTSOCK");
    return fd;
  } catch (error) {
    if (error instanceof BindError) throw error;
    if (error instanceof ActivationError) throw new BindError(address, "EBADF", error.message);
    throw bindError(address, systemCodeOf(error));
  }
}

/** The address of a socket by its descriptor, which is bound but not known otherwise: a Unix socket. */
export function unixAddressOf(fd: number): UnixAddress {
  return { kind: "unix", path: pathOfSocket(fstatSync(fd).ino) };
}

async function bindTcp(address: TcpAddress, { ipv6Only, reusePort }: BindOptions): Promise<BoundListener> {
  let host = address.host;
  if (net.isIP(host) === 0) {
    try {
      host = (await lookup(host)).address;
    } catch (error) {
      throw bindError(address, systemCodeOf(error));
    }
  }
  let handle: BoundHandle | undefined;
  try {
    handle = openHandle({
      host,
      port: address.port,
      ipv6Only: ipv6Only === true,
      reusePort: reusePort === true,
    });
    const actual = handle.address();
    return new Bound(handle, { kind: "tcp", host: actual.address, port: actual.port });
  } catch (error) {
    handle?.close();
    throw bindError(address, systemCodeOf(error));
  }
}

function bindUnix(address: UnixAddress, { unixMode }: BindOptions): Promise<BoundListener> {
  return bindPath(address, () => {
    const handle = openHandle({ path: address.path });
    try {
      // Nobody can connect before somebody listens, so nobody sees it with other permissions.
      return new Bound(handle, address, new SocketFile(address.path, unixMode));
    } catch (error) {
      handle.close();
      throw error;
    }
  });
}

function takeOver(address: ListenAddress, fd: number): BoundListener {
  let socket: net.Socket;
  try {
    socket = new net.Socket({ fd, readable: false, writable: false });
  } catch (error) {
    const code = systemCodeOf(error);
    throw bindError(address, code === "ERR_INVALID_FD_TYPE" ? "ENOTSOCK" : code); // a datagram socket
  }
  const { address: host, port } = socket.address() as Partial<net.AddressInfo>;
  return new Bound(
    { fd: () => fd, close: () => socket.destroy() },
    host !== undefined && port !== undefined ? { kind: "tcp", host, port } : unixAddressOf(fd),
  );
}

class Bound implements BoundListener {
  readonly fd: number;
  readonly address: Address;
  readonly #handle: Pick<BoundHandle, "close">;
  readonly #file: SocketFile | undefined;
  #closed = false;

  constructor(handle: Pick<BoundHandle, "fd" | "close">, address: Address, file?: SocketFile) {
    this.#handle = handle;
    this.#file = file;
    this.fd = handle.fd();
    this.address = address;
    if (this.fd < 0) {
      throw Object.assign(new Error("the system has no socket descriptors"), { code: "ENOTSUP" });
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#file === undefined) this.#handle.close();
    else this.#file.remove(() => this.#handle.close());
  }

  leave(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#file === undefined) this.#handle.close();
    else this.#file.keep(() => this.#handle.close());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}

/** `net.BoundSocket` (public since Node 26.4; the TypeScript types don't have it yet). */
interface BoundHandle {
  fd(): number;
  address(): { address: string; port: number };
  close(): void;
}

type Target = { host: string; port: number; ipv6Only: boolean; reusePort: boolean } | { path: string };

/** The part of Node's own handles that is used below Node 26.4. */
interface RawHandle {
  readonly fd: number;
  getsockname(out: { address?: string; port?: number }): number;
  close(): void;
}

interface NetWithBinders {
  BoundSocket?: { new (target: Target): BoundHandle; prototype: object };
  /** Private to Node, and what `node:cluster` binds with. */
  _createServerHandle?(
    hostOrPath: string,
    port: number,
    type: 4 | 6 | -1,
    fd?: undefined,
    flags?: number,
  ): RawHandle | number;
}

/** libuv's UV_TCP_IPV6ONLY and UV_TCP_REUSEPORT. */
const IPV6_ONLY = 1;
const REUSE_PORT = 2;

function openHandle(target: Target): BoundHandle {
  const { BoundSocket, _createServerHandle } = net as unknown as NetWithBinders;
  // Unix sockets came to BoundSocket one release after TCP, together with `isPipe`.
  if (BoundSocket !== undefined && "isPipe" in BoundSocket.prototype) return new BoundSocket(target);
  if (_createServerHandle === undefined) {
    throw new Error(`Node.js ${process.version} has no way to bind a socket without accepting on it`);
  }
  const opened =
    "path" in target
      ? _createServerHandle(target.path, -1, -1)
      : _createServerHandle(
          target.host,
          target.port,
          net.isIPv6(target.host) ? 6 : 4,
          undefined,
          (target.ipv6Only ? IPV6_ONLY : 0) | (target.reusePort ? REUSE_PORT : 0),
        );
  if (typeof opened === "number") throw systemError(opened);
  return {
    fd: () => opened.fd,
    address() {
      const name: { address?: string; port?: number } = {};
      // libuv holds back the EADDRINUSE of bind(2); this is where it comes out.
      const status = opened.getsockname(name);
      if (status !== 0) throw systemError(status);
      return { address: name.address ?? "", port: name.port ?? 0 };
    },
    close: () => opened.close(),
  };
}

function systemError(status: number): Error {
  const code = getSystemErrorName(status);
  return Object.assign(new Error(code), { code });
}

function hasReusePort(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  return major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12);
}
