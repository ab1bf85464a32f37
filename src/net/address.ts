/** Addresses that a server can listen on, as people write them: `HOST:PORT`, `[::1]:PORT`, `:PORT`, `unix:/path`. */

/** A TCP address. `host` is a name or an IP address without brackets; port 0 lets the system choose. */
export interface TcpAddress {
  readonly kind: "tcp";
  readonly host: string;
  readonly port: number;
}

/** A Unix domain socket. */
export interface UnixAddress {
  readonly kind: "unix";
  readonly path: string;
}

export type Address = TcpAddress | UnixAddress;

/** An address that can't be read. The message says what was wrong and what would be right. */
export class AddressError extends Error {
  override readonly name = "AddressError";
}

/**
 * Reads an address. `8000` and `:8000` mean `127.0.0.1:8000`: a server that nobody
 * asked to be reachable from outside is not.
 * @throws AddressError
 */
export function parseAddress(text: string): Address {
  if (text.startsWith("unix:")) {
    const path = text.slice("unix:".length);
    if (path === "" || path.includes("\0"))
      throw unreadable(text, "the path after unix: is empty or has a NUL");
    return { kind: "unix", path };
  }
  const colon = text.lastIndexOf(":");
  const hostPart = colon < 0 ? "" : text.slice(0, colon);
  const portPart = text.slice(colon + 1);
  if (!/^\d{1,5}$/.test(portPart) || Number(portPart) > 65535) {
    throw unreadable(text, `the port ${JSON.stringify(portPart)} is not a number from 0 to 65535`);
  }
  const bracketed = /^\[([0-9a-fA-F:.%\w]+)\]$/.exec(hostPart);
  if (bracketed === null && /[:[\]/\s]/.test(hostPart)) {
    throw unreadable(text, "an IPv6 address stands in brackets, and a host has no slash or space");
  }
  const host = bracketed?.[1] ?? (hostPart === "" ? "127.0.0.1" : hostPart);
  return { kind: "tcp", host, port: Number(portPart) };
}

/** The address as `parseAddress` reads it. */
export function formatAddress(address: Address): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `${host}:${address.port}`;
}

function unreadable(text: string, why: string): AddressError {
  return new AddressError(
    `can't read the address ${JSON.stringify(text)}: ${why}. Write HOST:PORT, [IPV6]:PORT or unix:/path.`,
  );
}
