/** Where a connection that a proxy has passed on comes from. */
import type { ProxyHeader } from "../listener/proxy-protocol.ts";

/** The addresses of a connection that a proxy passes on, as its header tells them. */
export class ProxiedEndpoints {
  /** The proxy's own address and port; undefined over a Unix socket. */
  readonly peerAddress: string | undefined;
  readonly peerPort: number | undefined;
  readonly header: ProxyHeader;
  /** The client's, or the proxy's own where it tells none. */
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;

  constructor(
    header: ProxyHeader,
    actual: {
      readonly remoteAddress?: string | undefined;
      readonly remotePort?: number | undefined;
      readonly localAddress?: string | undefined;
      readonly localPort?: number | undefined;
    },
  ) {
    this.header = header;
    this.peerAddress = actual.remoteAddress;
    this.peerPort = actual.remotePort;
    const told = header.family !== "unspecified";
    const inside = header.family === "unix";
    this.remoteAddress = inside ? undefined : told ? header.sourceAddress : actual.remoteAddress;
    this.remotePort = told ? header.sourcePort : actual.remotePort;
    this.localAddress = inside ? undefined : told ? header.destinationAddress : actual.localAddress;
    this.localPort = told ? header.destinationPort : actual.localPort;
  }
}
