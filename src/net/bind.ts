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
import { lstat, stat, unlink } from "node:fs/promises";
import * as net from "node:net";
import { dirname } from "node:path";
import { getSystemErrorName } from "node:util";
import { type Address, formatAddress, type TcpAddress, type UnixAddress } from "./address.ts";

/** A bound socket on which nobody has to listen yet. */
export interface BoundListener extends AsyncDisposable {
  /** The descriptor: for `listen({ fd })`, here or in a process that inherits it. It belongs to the listener. */
  readonly fd: number;
  /** Where it is bound: a host name is resolved, port 0 replaced by the port that the system chose. */
  readonly address: Address;
  /** Closes the descriptor and removes a Unix socket's file. Others who inherited it are not touched. */
  close(): void;
}

/** An address that can't be bound. The message is one line that says why and what to do. */
export class BindError extends Error {
  override readonly name = "BindError";
  readonly address: Address;
  /** The system's name of the error, such as `EADDRINUSE`. */
  readonly code: string;

  constructor(address: Address, code: string, why: string) {
    super(`can't listen on ${formatAddress(address)}: ${why}`);
    this.address = address;
    this.code = code;
  }
}

/**
 * Binds a TCP address (the first one that a host name resolves to) or a Unix socket.
 * The file of a Unix socket whose server has died is replaced.
 * @throws BindError
 */
export async function bind(address: Address): Promise<BoundListener> {
  return address.kind === "tcp" ? bindTcp(address) : bindUnix(address);
}

/** The `BindError` for a system error that binding `address`, or listening on it, ended with. */
export function bindError(address: Address, code: string): BindError {
  return new BindError(address, code, (address.kind === "tcp" ? whyTcp : whyUnix)(address as never, code));
}

async function bindTcp(address: TcpAddress): Promise<BoundListener> {
  let host = address.host;
  if (net.isIP(host) === 0) {
    try {
      host = (await lookup(host)).address;
    } catch (error) {
      throw bindError(address, codeOf(error));
    }
  }
  let handle: BoundHandle | undefined;
  try {
    handle = openHandle({ host, port: address.port });
    const actual = handle.address();
    const bound: TcpAddress = { kind: "tcp", host: actual.address, port: actual.port };
    return new Bound(handle, bound);
  } catch (error) {
    handle?.close();
    throw bindError(address, codeOf(error));
  }
}

async function bindUnix(address: UnixAddress): Promise<BoundListener> {
  // Checked before: Node 20 cuts a longer path short and binds that.
  if (Buffer.byteLength(address.path) > maxUnixPathBytes) throw bindError(address, "ENAMETOOLONG");
  try {
    return new Bound(openHandle({ path: address.path }), address);
  } catch (error) {
    const code = codeOf(error);
    if (code !== "EADDRINUSE") throw await unixError(address, code);
  }
  const found = await lstat(address.path).catch(() => undefined);
  if (found !== undefined) {
    if (!found.isSocket()) throw bindError(address, "ENOTSOCK");
    if (await isLive(address.path)) throw bindError(address, "EADDRINUSE");
    await unlink(address.path).catch(() => undefined);
  }
  try {
    return new Bound(openHandle({ path: address.path }), address);
  } catch (error) {
    throw await unixError(address, codeOf(error));
  }
}

class Bound implements BoundListener {
  readonly fd: number;
  readonly address: Address;
  readonly #handle: BoundHandle;
  #closed = false;

  constructor(handle: BoundHandle, address: Address) {
    this.#handle = handle;
    this.fd = handle.fd();
    this.address = address;
    if (this.fd < 0) {
      handle.close();
      throw Object.assign(new Error("the system has no socket descriptors"), { code: "ENOTSUP" });
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#handle.close();
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

type Target = { host: string; port: number } | { path: string };

/** The part of Node's own handles that is used below Node 26.4. */
interface RawHandle {
  readonly fd: number;
  getsockname(out: { address?: string; port?: number }): number;
  close(): void;
}

interface NetWithBinders {
  BoundSocket?: { new (target: Target): BoundHandle; prototype: object };
  /** Private to Node, and what `node:cluster` binds with. */
  _createServerHandle?(hostOrPath: string, port: number, type: 4 | 6 | -1): RawHandle | number;
}

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
      : _createServerHandle(target.host, target.port, net.isIPv6(target.host) ? 6 : 4);
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

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== "string") throw error;
  return code;
}

/** sun_path without its NUL: 108 bytes on Linux, 104 on macOS and the BSDs. */
const maxUnixPathBytes = process.platform === "linux" ? 107 : 103;

/** Whether a server answers on a Unix socket. In doubt it does: only a refusal proves that nobody is there. */
function isLive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.connect({ path });
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code !== "ECONNREFUSED" && error.code !== "ENOENT");
    });
  });
}

/** libuv reports a missing directory as EACCES. */
async function unixError(address: UnixAddress, code: string): Promise<BindError> {
  const directory = await stat(dirname(address.path)).catch(() => undefined);
  if (directory === undefined) return bindError(address, "ENOENT");
  if (!directory.isDirectory()) return bindError(address, "ENOTDIR");
  return bindError(address, code);
}

function whyTcp({ host, port }: TcpAddress, code: string): string {
  switch (code) {
    case "EADDRINUSE":
      return (
        `the port is in use. Choose another one (port 0 takes any that is free), or stop the process that has it ` +
        `(\`lsof -i :${port}\` names it).`
      );
    case "EACCES":
      return port < 1024
        ? "ports below 1024 need a right that this user does not have. Choose a port from 1024 up."
        : "the system does not allow it (EACCES).";
    case "EADDRNOTAVAIL":
      return `no network interface here has the address ${host}. Use 127.0.0.1 (this machine only) or 0.0.0.0 (every interface).`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `the host name ${JSON.stringify(host)} is unknown (${code}). Write an IP address, or 0.0.0.0 for every interface.`;
    case "EAFNOSUPPORT":
      return "the system has no support for this kind of address (EAFNOSUPPORT).";
    default:
      return whyEither(code);
  }
}

function whyUnix({ path }: UnixAddress, code: string): string {
  switch (code) {
    case "EADDRINUSE":
      return "another server listens on it. Stop that one, or choose another path.";
    case "ENOTSOCK":
      return "there is a file of that name, and it is not a socket. Choose another path, or remove the file.";
    case "ENAMETOOLONG":
      return `the path has ${Buffer.byteLength(path)} bytes, and the system allows ${maxUnixPathBytes}. Choose a shorter one.`;
    case "ENOENT":
      return `the directory ${dirname(path)} does not exist. Create it, or choose another path.`;
    case "ENOTDIR":
      return `${dirname(path)} is not a directory. Choose another path.`;
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return `a file can't be created in ${dirname(path)} (${code}). Choose another path, or change the directory's permissions.`;
    default:
      return whyEither(code);
  }
}

function whyEither(code: string): string {
  return code === "ENOTSUP"
    ? "this system can't hand a listening socket to another process."
    : `the system says ${code}.`;
}
