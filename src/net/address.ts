/**
 * Addresses as people write them. Where something is, for both ends: `HOST:PORT`, `[::1]:PORT`, `:PORT`,
 * `unix:/path`. Where to listen, besides: `fd://3` and `systemd:NAME`, a socket that another program has bound.
 */
import { isIPv4, isIPv6 } from "node:net";

/** A TCP address. `host` is a name or an IP address without brackets; port 0 lets the system choose. */
export interface TcpAddress {
  readonly kind: "tcp";
  readonly host: string;
  readonly port: number;
}

/** A Unix domain socket. The path is empty where the system does not tell it (an inherited socket). */
export interface UnixAddress {
  readonly kind: "unix";
  readonly path: string;
}

/** A socket that this process was started with, by its descriptor. */
export interface DescriptorAddress {
  readonly kind: "fd";
  readonly fd: number;
}

/** A socket that systemd hands over, by its `FileDescriptorName=`; with an empty name, the only one there is. */
export interface SystemdAddress {
  readonly kind: "systemd";
  readonly name: string;
}

export type Address = TcpAddress | UnixAddress;

/** Where a server can listen. */
export type ListenAddress = Address | DescriptorAddress | SystemdAddress;

/** An address that can't be read. The message says what was wrong and what would be right. */
export class AddressError extends Error {
  override readonly name = "AddressError";
}

const forms = "HOST:PORT, [IPV6]:PORT or unix:/path";
const listenForms = "HOST:PORT, [IPV6]:PORT, unix:/path, fd://N or systemd:NAME";

/**
 * Reads an address. `8000` and `:8000` mean `127.0.0.1:8000`: a server that nobody
 * asked to be reachable from outside is not.
 * @throws AddressError
 */
export function parseAddress(text: string): Address {
  return parse(text, forms);
}

/**
 * Reads an address to listen on: one that `parseAddress` reads, `fd://3` (descriptor 3), `systemd:NAME` or `systemd:`.
 * @throws AddressError
 */
export function parseListenAddress(text: string): ListenAddress {
  if (text.startsWith("fd://")) {
    const number = text.slice("fd://".length);
    if (!/^\d{1,9}$/.test(number)) {
      throw unreadable(text, listenForms, `the descriptor ${JSON.stringify(number)} is not a number`);
    }
    return { kind: "fd", fd: Number(number) };
  }
  if (text.startsWith("systemd:")) {
    const name = text.slice("systemd:".length);
    // systemd.socket(5), FileDescriptorName=
    if (!/^[\x21-\x39\x3b-\x7e]{0,255}$/.test(name)) {
      throw unreadable(text, listenForms, "the name of a socket has no colon, space or control character");
    }
    return { kind: "systemd", name };
  }
  return parse(text, listenForms);
}

/** The address as `parseAddress` or `parseListenAddress` reads it. */
export function formatAddress(address: ListenAddress): string {
  switch (address.kind) {
    case "tcp": {
      const host = address.host.includes(":") ? `[${address.host}]` : address.host;
      return `${host}:${address.port}`;
    }
    case "unix":
      return `unix:${address.path}`;
    case "fd":
      return `fd://${address.fd}`;
    case "systemd":
      return `systemd:${address.name}`;
  }
}

function parse(text: string, right: string): Address {
  if (text.startsWith("unix:")) {
    const path = text.slice("unix:".length);
    if (path === "" || path.includes("\0")) {
      throw unreadable(text, right, "the path after unix: is empty or has a NUL");
    }
    return { kind: "unix", path };
  }
  const colon = text.lastIndexOf(":");
  const hostPart = colon < 0 ? "" : text.slice(0, colon);
  const portPart = text.slice(colon + 1);
  if (!/^\d{1,5}$/.test(portPart) || Number(portPart) > 65535) {
    throw unreadable(text, right, `the port ${JSON.stringify(portPart)} is not a number from 0 to 65535`);
  }
  return { kind: "tcp", host: readHost(text, hostPart, right), port: Number(portPart) };
}

function readHost(text: string, host: string, right: string): string {
  if (host === "") return "127.0.0.1";
  const bracketed = /^\[(.*)\]$/.exec(host)?.[1];
  if (bracketed !== undefined) {
    // With a zone as in fe80::1%eth0 too (RFC 4007 §11).
    if (isIPv6(bracketed)) return bracketed;
    throw unreadable(text, right, `${JSON.stringify(bracketed)} is not an IPv6 address`);
  }
  if (/[:[\]/\s]/.test(host)) {
    throw unreadable(text, right, "an IPv6 address stands in brackets, and a host has no slash or space");
  }
  // What looks like a number, the system's resolver would read in ways of its own: 127.1, 0x7f000001, 0177.0.0.1.
  if (/^(0x[0-9a-f]*|\d+)$/i.test(host.slice(host.lastIndexOf(".") + 1)) && !isIPv4(host)) {
    throw unreadable(text, right, `${JSON.stringify(host)} is not an IPv4 address`);
  }
  return host;
}

function unreadable(text: string, right: string, why: string): AddressError {
  return new AddressError(`can't read the address ${JSON.stringify(text)}: ${why}. Write ${right}.`);
}
