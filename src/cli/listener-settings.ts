/** The settings of a listener: who may connect, how many, and over what. */
import type { ListenerOptions } from "../net/listener/listener.ts";
import { UsageError } from "./command.ts";
import {
  choice,
  duration,
  type Many,
  many,
  network,
  type One,
  octalMode,
  one,
  optional,
  path,
  type SettingValues,
  wholeNumber,
} from "./settings.ts";

export type ListenerSettings = {
  readonly tlsCert: One<string | undefined>;
  readonly tlsKey: One<string | undefined>;
  readonly tlsClientCa: One<string | undefined>;
  readonly proxyProtocolFrom: Many<string>;
  readonly allow: Many<string>;
  readonly deny: Many<string>;
  readonly maxConnections: One<number | undefined>;
  readonly maxConnectionsPerAddress: One<number | undefined>;
  readonly acceptRate: One<number | undefined>;
  readonly overflow: One<"refuse" | "wait">;
  readonly backlog: One<number>;
  readonly handshakeTimeout: One<number>;
  readonly unixMode: One<number | undefined>;
};

/** For a command's own table. */
export const listenerSettings: ListenerSettings = {
  tlsCert: optional(path, {
    help: "Speak TLS, with the certificate (and those between it and the root) in this PEM file. Read again when it changes.",
  }),
  tlsKey: optional(path, { help: "The certificate's key, a PEM file." }),
  tlsClientCa: optional(path, {
    help: "Let in only clients with a certificate that the authorities in this PEM file have signed.",
  }),
  proxyProtocolFrom: many(network, [], {
    help: "Take clients' addresses from the PROXY protocol that these proxies speak. Can be given several times; unix: is whoever comes over a Unix socket.",
  }),
  allow: many(network, [], { help: "Let in only these addresses and networks. Can be given several times." }),
  deny: many(network, [], { help: "Keep these addresses and networks out. Can be given several times." }),
  maxConnections: optional(wholeNumber(1), { help: "Connections at once, in each thread or process." }),
  maxConnectionsPerAddress: optional(wholeNumber(1), {
    help: "Connections at once from one IPv4 address or IPv6 /64 network, in each thread or process.",
  }),
  acceptRate: optional(wholeNumber(1), { help: "New connections per second, in each thread or process." }),
  overflow: one(choice("refuse", "wait"), "refuse", {
    help: "What becomes of connections that are too many: refuse ends them, wait holds them until their turn comes.",
  }),
  backlog: one(wholeNumber(1), 511, { help: "Connections that wait in the kernel to be accepted." }),
  handshakeTimeout: one(duration, 10_000, { help: "How long a TLS handshake may take." }),
  unixMode: optional(octalMode, { help: "Permissions of a Unix socket's file." }),
};

/**
 * The options that the settings amount to.
 * @throws UsageError for settings that make no sense together
 */
export function toListenerOptions(values: SettingValues<ListenerSettings>): Omit<ListenerOptions, "onError"> {
  const { tlsCert, tlsKey, tlsClientCa, proxyProtocolFrom, allow, deny, ...rest } = values;
  if (tlsCert === undefined && (tlsKey ?? tlsClientCa) !== undefined) {
    throw new UsageError(
      `${tlsKey === undefined ? "--tls-client-ca" : "--tls-key"} needs --tls-cert as well`,
    );
  }
  if (tlsCert !== undefined && tlsKey === undefined)
    throw new UsageError("--tls-cert needs --tls-key as well");
  const options: { -readonly [Key in keyof ListenerOptions]: ListenerOptions[Key] } = {
    overflow: rest.overflow,
    backlog: rest.backlog,
    handshakeTimeout: rest.handshakeTimeout,
  };
  if (tlsCert !== undefined && tlsKey !== undefined) {
    const clientCertificates = tlsClientCa === undefined ? {} : { clientCertificates: { ca: tlsClientCa } };
    options.tls = { cert: tlsCert, key: tlsKey, ...clientCertificates };
  }
  if (proxyProtocolFrom.length > 0) options.proxyProtocol = { from: proxyProtocolFrom };
  if (allow.length > 0) options.allow = allow;
  if (deny.length > 0) options.deny = deny;
  if (rest.maxConnections !== undefined) options.maxConnections = rest.maxConnections;
  if (rest.maxConnectionsPerAddress !== undefined) {
    options.maxConnectionsPerAddress = rest.maxConnectionsPerAddress;
  }
  if (rest.acceptRate !== undefined) options.acceptRate = rest.acceptRate;
  if (rest.unixMode !== undefined) options.unixMode = rest.unixMode;
  return options;
}
