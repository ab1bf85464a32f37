/** What a proxy tells of the connection that it passes on, in header fields. */
import { isIPv4 } from "node:net";
import { RequestError } from "../../http/errors.ts";
import type { Exchange } from "../../http/exchange.ts";
import { parseAuthority } from "../../http/target.ts";
import { formatIp, parseIp, plainAddress } from "../../net/listener/ip-address.ts";

/** Whoever connected to a proxy. */
export interface Hop {
  /** In its one canonical text; undefined where it is not told, or not as an IP address. */
  readonly address: string | undefined;
  readonly port: number | undefined;
}

/** A client that is not told of. */
export const unknownHop: Hop = { address: undefined, port: undefined };

/** Reads `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:4711`. */
export function readHop(text: string): Hop {
  let address = text;
  let port = "";
  if (text.startsWith("[")) {
    const end = text.indexOf("]");
    address = text.slice(1, end);
    port = text.slice(end + 1);
    if (end < 0 || isIPv4(address)) return unknownHop;
  } else {
    const colon = text.indexOf(":");
    if (colon > 0 && isIPv4(text.slice(0, colon))) {
      address = text.slice(0, colon);
      port = text.slice(colon);
    }
  }
  const bytes = parseIp(address);
  if (bytes === undefined || !/^(?::\d{1,5})?$/.test(port)) return unknownHop;
  return { address: plainAddress(formatIp(bytes)), port: port === "" ? undefined : Number(port.slice(1)) };
}

/** Reads the scheme that a proxy was asked by; that of a WebSocket's opening handshake is HTTP's. */
export function readScheme(text: string | undefined): Exchange["scheme"] | undefined {
  switch (text?.toLowerCase()) {
    case "https":
    case "wss":
      return "https";
    case "http":
    case "ws":
      return "http";
    default:
      return undefined;
  }
}

/** Reads the host that a proxy was asked for, by the same rules as `Host`; undefined for what is none. */
export function readHost(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    return parseAuthority(text);
  } catch (error) {
    if (error instanceof RequestError) return undefined;
    throw error;
  }
}
