import { expect, test } from "vitest";
import { readArguments } from "./arguments.ts";
import { defineCommand } from "./command.ts";
import { listenerSettings, toListenerOptions } from "./listener-settings.ts";

const command = defineCommand({
  name: "test",
  summary: "",
  argument: { name: "X", help: [], optional: true },
  settings: listenerSettings,
  examples: [],
  run: async () => 0,
});

function optionsOf(...args: string[]): unknown {
  return toListenerOptions(readArguments(command, args, {}).values as never);
}

test("without flags, only the defaults", () => {
  expect(optionsOf()).toEqual({ overflow: "refuse", backlog: 511, handshakeTimeout: 10_000 });
});

test("every flag becomes an option", () => {
  const args = [
    ["--tls-cert=c.pem", "--tls-key=k.pem", "--tls-client-ca=ca.pem", "--handshake-timeout=1s"],
    [
      "--proxy-protocol-from=10.0.0.1",
      "--proxy-protocol-from=unix:",
      "--allow=10.0.0.0/8",
      "--deny=10.0.0.2",
    ],
    ["--max-connections=5", "--max-connections-per-address=2", "--accept-rate=7", "--overflow=wait"],
    ["--backlog=9", "--unix-mode=660"],
  ].flat();
  expect(optionsOf(...args)).toEqual({
    tls: { cert: "c.pem", key: "k.pem", clientCertificates: { ca: "ca.pem" } },
    handshakeTimeout: 1000,
    proxyProtocol: { from: ["10.0.0.1", "unix:"] },
    allow: ["10.0.0.0/8"],
    deny: ["10.0.0.2"],
    maxConnections: 5,
    maxConnectionsPerAddress: 2,
    acceptRate: 7,
    overflow: "wait",
    backlog: 9,
    unixMode: 0o660,
  });
});

test.each([
  [["--tls-cert", "c.pem"], "--tls-cert needs --tls-key as well"],
  [["--tls-key", "k.pem"], "--tls-key needs --tls-cert as well"],
  [["--tls-client-ca", "ca.pem"], "--tls-client-ca needs --tls-cert as well"],
])("%j make no sense", (args, message) => {
  expect(() => optionsOf(...args)).toThrow(message);
});
