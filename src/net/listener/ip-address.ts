/** IP addresses as bytes, and their one canonical text. */
import { isIPv4, isIPv6 } from "node:net";

/** The 4 or 16 bytes of an address in any valid form without a zone, or undefined when it is none. */
export function parseIp(text: string): Uint8Array | undefined {
  if (isIPv4(text)) return Uint8Array.from(text.split("."), Number);
  if (!isIPv6(text) || text.includes("%")) return undefined;
  const [before = "", after] = text.split("::");
  const head = groupsOf(before);
  const tail = after === undefined ? [] : groupsOf(after);
  const groups = [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

/** The text of 4 or 16 bytes, IPv6 by RFC 5952: lower case, the longest run of zero groups as `::`. */
export function formatIp(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  if (isMapped(bytes)) return `::ffff:${bytes.subarray(12).join(".")}`;
  const groups = Array.from({ length: 8 }, (_, n) => (bytes[2 * n]! << 8) | bytes[2 * n + 1]!);
  const { start, length } = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(":");
  return `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}`;
}

/**
 * The address that a peer is judged by: an IPv4 address that came in on an IPv6 socket (`::ffff:192.0.2.1`) is the
 * IPv4 address, and a zone (`fe80::1%eth0`) is left out.
 */
export function plainAddress(text: string): string {
  if (!text.includes(":")) return text;
  const zone = text.indexOf("%");
  const address = zone < 0 ? text : text.slice(0, zone);
  if (!/^[0:]+:ffff:/i.test(address)) return address;
  const bytes = parseIp(address);
  return bytes !== undefined && isMapped(bytes) ? formatIp(bytes.subarray(12)) : address;
}

/** Whether 16 bytes are an IPv4-mapped address, ::ffff:0:0/96 (RFC 4291 §2.5.5.2). */
export function isMapped(bytes: Uint8Array): boolean {
  return (
    bytes.length === 16 && bytes[10] === 0xff && bytes[11] === 0xff && bytes.subarray(0, 10).every(isZero)
  );
}

function isZero(byte: number): boolean {
  return byte === 0;
}

/** The 16-bit groups of a part of an IPv6 address that has no `::`. */
function groupsOf(part: string): number[] {
  if (part === "") return [];
  return part.split(":").flatMap((group) => {
    if (!group.includes(".")) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
    return [(a << 8) | b, (c << 8) | d];
  });
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 };
  let start = 0;
  for (const [n, group] of groups.entries()) {
    if (group !== 0) start = n + 1;
    else if (n + 1 - start > longest.length) longest = { start, length: n + 1 - start };
  }
  return longest;
}
