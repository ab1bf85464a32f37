/** Whom a limit is for. */
import { createHash } from "node:crypto";
import { formatIp, parseIp } from "../../net/listener/ip-address.ts";
import type { Request } from "../request.ts";

/** Characters of a key that a store keeps. */
const maxKeyLength = 64;

/**
 * The client's address. Of IPv6 only the network of 64 bits: whoever has one address of it has them all (RFC 4291 §2.5.4). Clients
 * without an address (Unix sockets) count as one.
 */
export function clientAddress({ ip }: Request): string {
  if (ip === undefined) return "unknown";
  if (!ip.includes(":")) return ip;
  const bytes = parseIp(ip);
  return bytes === undefined ? ip : `${formatIp(bytes.fill(0, 8))}/64`;
}

/** A key as a store gets it: none is so long that keeping many of them would be a way to fill the memory. */
export function boundedKey(limiter: string, key: string): string {
  const whole = `${limiter}:${key}`;
  return whole.length <= maxKeyLength ? whole : createHash("sha256").update(whole).digest("base64url");
}
