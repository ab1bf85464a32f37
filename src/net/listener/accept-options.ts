/** What a listener can be told about whom to let in, and how. */
import type { AccessOptions } from "./access.ts";
import type { AdmissionOptions, Excess } from "./admission.ts";
import type { TlsOptions } from "./tls-options.ts";

export interface ProxyProtocolOptions {
  /** The proxies: addresses and networks, as in `allow`. From anybody else a header is data like any other. */
  readonly from: readonly string[];
  /**
   * Whether a connection from them must begin with a header. Default true. When false, what does not look like one is
   * taken for the client's data, so that a client of theirs that can reach this port can pretend to be any other.
   */
  readonly required?: boolean;
  /** Milliseconds in which the header must be complete. Default 5 s. */
  readonly timeout?: number;
}

export interface AcceptOptions extends AccessOptions, AdmissionOptions {
  /** Speaks TLS, with these certificates. */
  readonly tls?: TlsOptions;
  /** Takes the client's address from a proxy (PROXY protocol, version 1 and 2). Default: nobody is believed. */
  readonly proxyProtocol?: ProxyProtocolOptions;
  /** Milliseconds in which the TLS handshake must be done. Default 10 s. */
  readonly handshakeTimeout?: number;
  /** Told of each connection that is not served: why, whose it was, and in words for a log. */
  readonly onRefused?: (reason: RefusalReason, remoteAddress: string | undefined, detail: string) => void;
}

/** Why a connection is not served. */
export type RefusalReason =
  | "denied"
  | Excess
  | "wait-timeout"
  | "proxy-header"
  | "proxy-timeout"
  | "tls-handshake"
  | "tls-timeout";

/** Whether a listener with these options needs a pipeline. */
export function needsPipeline(options: AcceptOptions): boolean {
  return (
    options.tls !== undefined || options.proxyProtocol !== undefined || hasRules(options) || hasCaps(options)
  );
}

/** Whether there are lists of who may connect. */
export function hasRules({ allow, deny }: AcceptOptions): boolean {
  return allow !== undefined || deny !== undefined;
}

/** Whether there are limits of how many. */
export function hasCaps(options: AcceptOptions): boolean {
  return (
    options.maxConnections !== undefined ||
    options.maxConnectionsPerAddress !== undefined ||
    options.acceptRate !== undefined
  );
}
