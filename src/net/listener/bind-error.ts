/** Why an address can't be listened on, in words. */
import { dirname } from "node:path";
import { formatAddress, type ListenAddress, type TcpAddress, type UnixAddress } from "../address.ts";

/** An address that can't be bound. The message is one line that says why and what to do. */
export class BindError extends Error {
  override readonly name = "BindError";
  readonly address: ListenAddress;
  /** The system's name of the error, such as `EADDRINUSE`. */
  readonly code: string;

  constructor(address: ListenAddress, code: string, why: string) {
    super(`can't listen on ${formatAddress(address)}: ${why}`);
    this.address = address;
    this.code = code;
  }
}

/** The `BindError` for a system error that binding `address`, or listening on it, ended with. */
export function bindError(address: ListenAddress, code: string): BindError {
  return new BindError(address, code, why(address, code));
}

/** The system's name of an error. Anything else is thrown on. */
export function systemCodeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== "string") throw error;
  return code;
}

/** sun_path without its NUL: 108 bytes on Linux, 104 on macOS and the BSDs. */
export const maxUnixPathBytes: number = process.platform === "linux" ? 107 : 103;

function why(address: ListenAddress, code: string): string {
  switch (address.kind) {
    case "tcp":
      return whyTcp(address, code);
    case "unix":
      return whyUnix(address, code);
    default:
      return whyInherited(code);
  }
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
    case "EINVAL":
      // A link-local address without its zone, or with one that there is not.
      if (/^fe[89ab]/i.test(host)) {
        return `a link-local address needs the name of its interface, as in [${host.replace(/%.*/, "")}%eth0]:${port}.`;
      }
      return whyAny(code);
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `the host name ${JSON.stringify(host)} is unknown (${code}). Write an IP address, or 0.0.0.0 for every interface.`;
    case "EAFNOSUPPORT":
      return "the system has no support for this kind of address (EAFNOSUPPORT).";
    default:
      return whyAny(code);
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
      return whyAny(code);
  }
}

function whyInherited(code: string): string {
  switch (code) {
    case "EBADF":
    case "ENOTSOCK":
      return "this process was not started with a stream socket at that descriptor.";
    case "EEXIST":
      return "this process uses that descriptor already. Name one that it was started with.";
    case "EINVAL":
      return "the socket at that descriptor is not one to listen on: it is connected already (systemd: Accept=no), or not bound.";
    default:
      return whyAny(code);
  }
}

function whyAny(code: string): string {
  return code === "ENOTSUP"
    ? "this system can't hand a listening socket to another process."
    : `the system says ${code}.`;
}
