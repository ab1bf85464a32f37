/** What happens to a connection before it is served: lists, caps, PROXY. TLS is tested in tls.test.ts. */
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { RawClient } from "../../../test/support/raw-client.ts";
import { until } from "../../../test/support/until.ts";
import type { ListenAddress, TcpAddress } from "../address.ts";
import type { Protocol, Transport } from "../transport/transport.ts";
import type { RefusalReason } from "./accept-options.ts";
import { Listener, type ListenerOptions } from "./listener.ts";

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "socle-pipeline-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** A served connection: echoes what it gets, and ends when the peer does. */
class Echo implements Protocol {
  readonly transport: Transport;
  received = "";
  closed = false;

  constructor(transport: Transport) {
    this.transport = transport;
    transport.start(this);
  }

  onData(chunk: Uint8Array): void {
    this.received += Buffer.from(chunk).toString("latin1");
    this.transport.write(`<${Buffer.from(chunk).toString("latin1")}>`);
  }
  onEnd(): void {
    this.transport.end();
  }
  onDrain(): void {}
  onClose(): void {
    this.closed = true;
  }
}

interface Fixture {
  listener: Listener;
  served: Echo[];
  refused: [RefusalReason, string | undefined, string][];
  connect(localAddress?: string): Promise<RawClient>;
}

async function open(
  options: ListenerOptions,
  address: ListenAddress = { kind: "tcp", host: "127.0.0.1", port: 0 },
): Promise<Fixture> {
  const served: Echo[] = [];
  const refused: Fixture["refused"] = [];
  const listener = await Listener.open(address, (transport) => served.push(new Echo(transport)), {
    ...options,
    onRefused: (...refusal) => refused.push(refusal),
  });
  const target = listener.address.kind === "unix" ? { path: listener.address.path } : undefined;
  const clients: RawClient[] = [];
  onTestFinished(() => {
    listener.close();
    for (const client of clients) client.close();
  });
  return {
    listener,
    served,
    refused,
    async connect(localAddress = "127.0.0.1") {
      const { port } = listener.address as TcpAddress;
      const client = await RawClient.open(target ?? { host: "127.0.0.1", port, localAddress });
      clients.push(client);
      return client;
    },
  };
}

/** What the kernel holds of a client's bytes that the server has not read yet (proc_net_tcp). */
function unreadBytes({ listener }: Fixture, client: RawClient): number | undefined {
  const hex = (port: number | undefined): string => (port ?? 0).toString(16).toUpperCase().padStart(4, "0");
  const ends = `0100007F:${hex((listener.address as TcpAddress).port)} 0100007F:${hex(client.socket.localPort)}`;
  const [, queue] =
    new RegExp(`: ${ends} \\w+ \\w+:(\\w+)`).exec(readFileSync("/proc/net/tcp", "utf8")) ?? [];
  return queue === undefined ? undefined : Number.parseInt(queue, 16);
}

const reasons = ({ refused }: Fixture): RefusalReason[] => refused.map(([reason]) => reason);

let descriptorsBefore = 0;
beforeEach(() => {
  descriptorsBefore = readdirSync("/proc/self/fd").length;
  // Runs after the test's own clean-up, which was registered later.
  onTestFinished(() => until(() => readdirSync("/proc/self/fd").length <= descriptorsBefore));
});

describe("lists", () => {
  test("who is denied is ended before anything is read", async () => {
    const fixture = await open({ allow: ["127.0.0.0/8"], deny: ["127.0.0.2"] });
    const denied = await fixture.connect("127.0.0.2");
    await denied.send("hello").untilEnd();
    expect(denied.received).toBe("");
    expect(fixture.refused).toEqual([["denied", "127.0.0.2", "the address may not connect"]]);
    const allowed = await fixture.connect();
    await allowed.send("hello").until((received) => received === "<hello>");
    expect(fixture.served).toHaveLength(1);
  });

  test("a Unix socket's peers are unix:", async () => {
    const path = join(directory, "lists.sock");
    const closed = await open({ allow: ["127.0.0.1"] }, { kind: "unix", path });
    await (await closed.connect()).untilEnd();
    expect(reasons(closed)).toEqual(["denied"]);
    closed.listener.close();
    const opened = await open({ allow: ["unix:"] }, { kind: "unix", path });
    await (await opened.connect()).send("a").until((received) => received === "<a>");
  });
});

describe("caps", () => {
  test("what is too many is refused, until somebody leaves", async () => {
    const fixture = await open({ maxConnections: 2 });
    const clients = [await fixture.connect(), await fixture.connect()];
    await until(() => fixture.served.length === 2);
    await (await fixture.connect()).untilEnd();
    expect(reasons(fixture)).toEqual(["too-many-connections"]);
    clients[0]!.close();
    await until(() => fixture.served[0]!.closed);
    await (await fixture.connect()).send("a").until((received) => received === "<a>");
  });

  test("one address's share is its own", async () => {
    const fixture = await open({ maxConnectionsPerAddress: 1 });
    await (await fixture.connect("127.0.0.2")).send("a").until((received) => received === "<a>");
    await (await fixture.connect("127.0.0.2")).untilEnd();
    await (await fixture.connect("127.0.0.3")).send("a").until((received) => received === "<a>");
    expect(fixture.refused).toEqual([
      ["too-many-from-address", "127.0.0.2", "the address has as many connections as it may have"],
    ]);
  });

  test("who waits is served in order when another has left, and what it has sent is all there", async () => {
    const fixture = await open({ maxConnections: 1, overflow: "wait" });
    const first = await fixture.connect();
    await first.send("1").until((received) => received === "<1>");
    const second = await fixture.connect();
    second.send("2");
    const third = await fixture.connect();
    third.send("3").end();
    await until(async () => (await fixture.listener.countConnections()) === 3);
    expect([second.received, third.received]).toEqual(["", ""]);
    first.close();
    await second.until((received) => received === "<2>");
    expect(third.received).toBe("");
    second.close();
    await third.untilEnd();
    expect(third.received).toBe("<3>");
    expect(fixture.refused).toEqual([]);
  });

  test("who waits is not read from", async () => {
    const fixture = await open({ maxConnections: 1, overflow: "wait" });
    const first = await fixture.connect();
    await first.send("1").until((received) => received === "<1>");
    const second = await fixture.connect();
    second.send("x".repeat(1000));
    await until(async () => (await fixture.listener.countConnections()) === 2);
    // All of it stays in the kernel's queue.
    await until(() => unreadBytes(fixture, second) === 1000);
    first.close();
    await second.until((received) => received === `<${"x".repeat(1000)}>`);
    expect(unreadBytes(fixture, second)).toBe(0);
  });

  test("who waits for too long is refused, as is who comes when too many wait", async () => {
    const fixture = await open({ maxConnections: 1, overflow: "wait", waitTimeout: 100, backlog: 1 });
    await (await fixture.connect()).send("1").until((received) => received === "<1>");
    const second = await fixture.connect();
    await until(async () => (await fixture.listener.countConnections()) === 2);
    await (await fixture.connect()).untilEnd();
    expect(reasons(fixture)).toEqual(["too-many-connections"]);
    await second.untilEnd();
    expect(fixture.refused[1]).toEqual(["wait-timeout", "127.0.0.1", "no connection ended to make room"]);
    // Its place is free again.
    await fixture.connect();
    await until(async () => (await fixture.listener.countConnections()) === 2);
    expect(fixture.refused).toHaveLength(2);
  });

  test("closing ends who waits, and leaves who is served", async () => {
    const fixture = await open({ maxConnections: 1, overflow: "wait" });
    const first = await fixture.connect();
    await first.send("1").until((received) => received === "<1>");
    const second = await fixture.connect();
    await until(async () => (await fixture.listener.countConnections()) === 2);
    fixture.listener.close();
    await second.untilEnd();
    await first.send("2").until((received) => received === "<1><2>");
    first.close();
    await until(() => fixture.served[0]!.closed);
    expect(fixture.served).toHaveLength(1);
  });

  test("connections that come too fast are refused", async () => {
    const fixture = await open({ acceptRate: 5 });
    const clients = await Promise.all(Array.from({ length: 20 }, () => fixture.connect()));
    await until(() => clients.filter(({ ended }) => ended !== undefined).length >= 10);
    expect(fixture.served.length).toBeGreaterThanOrEqual(5);
    expect(new Set(reasons(fixture))).toEqual(new Set(["accept-rate"]));
  });

  test("or wait until there is time", async () => {
    const fixture = await open({ acceptRate: 20, overflow: "wait" });
    const since = performance.now();
    const clients = await Promise.all(Array.from({ length: 30 }, () => fixture.connect()));
    await Promise.all(clients.map((client) => client.send("a").until((received) => received === "<a>")));
    expect(performance.now() - since).toBeGreaterThan(400);
    expect(fixture.refused).toEqual([]);
  });
});

describe("PROXY", () => {
  const header = "PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n";
  const from = ["127.0.0.0/8"];
  const seen = ({ served }: Fixture, n = 0): object => {
    const { remoteAddress, remotePort, localAddress, localPort, encrypted, proxied } = served[n]!.transport;
    return { remoteAddress, remotePort, localAddress, localPort, encrypted, peer: proxied?.peerAddress };
  };
  const told = {
    remoteAddress: "192.0.2.1",
    remotePort: 56324,
    localAddress: "198.51.100.7",
    localPort: 443,
    encrypted: false,
    peer: "127.0.0.1",
  };

  test.each([
    ["in one piece with what follows", [`${header}hello`]],
    ["before what follows", [header, "hello"]],
    ["byte by byte", [...`${header}hello`]],
  ])("a header %s gives the client's addresses", async (_, pieces) => {
    const fixture = await open({ proxyProtocol: { from } });
    const client = await fixture.connect();
    for (const piece of pieces) {
      client.send(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await client.until(() => fixture.served[0]?.received === "hello");
    expect(seen(fixture)).toEqual(told);
    expect(fixture.served[0]!.transport.proxied).toMatchObject({
      peerPort: client.socket.localPort,
      header: { version: 1, command: "proxy", family: "ipv4" },
    });
  });

  test("version 2, of a client that has ended its side already", async () => {
    const fixture = await open({ proxyProtocol: { from } });
    const client = await fixture.connect();
    const binary = Buffer.from("0d0a0d0a000d0a515549540a2111000cc0000201c6336407dc0401bb", "hex");
    client.send(Buffer.concat([binary, Buffer.from("hello")])).end();
    expect(await client.untilEnd()).toBe("<hello>");
    expect(seen(fixture)).toEqual(told);
  });

  test("LOCAL and UNKNOWN leave the addresses as they are", async () => {
    const fixture = await open({ proxyProtocol: { from } });
    const client = await fixture.connect();
    await client.send("PROXY UNKNOWN\r\nhello").until((received) => received === "<hello>");
    expect(seen(fixture)).toMatchObject({ remoteAddress: "127.0.0.1", peer: "127.0.0.1" });
    const local = await fixture.connect();
    local.send(Buffer.from("0d0a0d0a000d0a515549540a20000000", "hex")).send("hi");
    await local.until((received) => received === "<hi>");
    expect(seen(fixture, 1)).toMatchObject({ remotePort: local.socket.localPort, peer: "127.0.0.1" });
    expect(fixture.served[1]!.transport.proxied?.header.command).toBe("local");
  });

  test("from anybody else it is data", async () => {
    const fixture = await open({ proxyProtocol: { from: ["127.0.0.2", "10.0.0.0/8", "unix:"] } });
    const client = await fixture.connect();
    await client.send(`${header}hello`).until((received) => received === `<${header}hello>`);
    expect(seen(fixture)).toMatchObject({ remoteAddress: "127.0.0.1", peer: undefined });
    const proxy = await fixture.connect("127.0.0.2");
    await proxy.send(`${header}hello`).until((received) => received === "<hello>");
    expect(seen(fixture, 1)).toEqual({ ...told, peer: "127.0.0.2" });
  });

  test("over a Unix socket", async () => {
    const address = { kind: "unix", path: join(directory, "proxy.sock") } as const;
    const fixture = await open({ proxyProtocol: { from: ["unix:"] } }, address);
    await (await fixture.connect()).send(`${header}a`).until((received) => received === "<a>");
    expect(seen(fixture)).toEqual({ ...told, peer: undefined });
  });

  test("a second header is data", async () => {
    const fixture = await open({ proxyProtocol: { from } });
    const client = await fixture.connect();
    await client.send(header + header).until((received) => received === `<${header}>`);
  });

  test.each([
    ["no header", "GET / HTTP/1.1\r\n\r\n", "the connection does not begin with a PROXY header"],
    ["garbage", "PROXY TCP4 nonsense\r\n", "must have two addresses and two ports"],
    ["a line that never ends", `PROXY UNKNOWN ${"x".repeat(100)}`, "longer than 107 bytes"],
    ["binary garbage", "\r\n\r\n\0\r\nQUIT\n\xff\xff\xff\xff", "version 15"],
  ])("%s is refused", async (_, data, why) => {
    const fixture = await open({ proxyProtocol: { from } });
    const client = await fixture.connect();
    await client.send(data).untilEnd();
    expect(fixture.refused).toEqual([["proxy-header", "127.0.0.1", expect.stringContaining(why)]]);
    expect(fixture.served).toEqual([]);
  });

  test("an end within the header is refused, and so is a header that takes too long", async () => {
    const fixture = await open({ proxyProtocol: { from, timeout: 100 } });
    const short = await fixture.connect();
    await short.send("PROXY TCP4").end().untilEnd();
    expect(fixture.refused).toEqual([
      ["proxy-header", "127.0.0.1", "the connection ended within the PROXY header"],
    ]);
    const slow = await fixture.connect();
    await slow.send("PROXY TCP4").untilEnd();
    const silent = await fixture.connect();
    await silent.untilEnd();
    expect(reasons(fixture)).toEqual(["proxy-header", "proxy-timeout", "proxy-timeout"]);
  });

  test("a reset within the header is refused as well", async () => {
    const fixture = await open({ proxyProtocol: { from } });
    const client = await fixture.connect();
    client.send("PROXY TCP4 ");
    await until(async () => (await fixture.listener.countConnections()) === 1);
    client.socket.resetAndDestroy();
    await until(async () => (await fixture.listener.countConnections()) === 0);
    expect(fixture.refused).toEqual([["proxy-header", "127.0.0.1", expect.stringMatching(/ended|was lost/)]]);
    expect(fixture.served).toEqual([]);
  });

  test("where it is not required, what does not look like one is data", async () => {
    const fixture = await open({ proxyProtocol: { from, required: false } });
    await (await fixture.connect()).send("POST /").until((received) => received === "<POST />");
    await (await fixture.connect()).send(`${header}a`).until((received) => received === "<a>");
    expect(seen(fixture)).toMatchObject({ remoteAddress: "127.0.0.1", peer: undefined });
    expect(seen(fixture, 1)).toEqual(told);
  });

  test("lists and caps judge the client, not the proxy", async () => {
    const fixture = await open({
      proxyProtocol: { from },
      deny: ["192.0.2.9"],
      maxConnectionsPerAddress: 1,
      overflow: "wait",
    });
    const line = (address: string): string => `PROXY TCP4 ${address} 198.51.100.7 1 2\r\n${address}`;
    await (await fixture.connect()).send(line("192.0.2.9")).untilEnd();
    expect(fixture.refused).toEqual([["denied", "192.0.2.9", "the address may not connect"]]);
    const one = await fixture.connect();
    await one.send(line("192.0.2.1")).until((received) => received === "<192.0.2.1>");
    const again = await fixture.connect();
    again.send(line("192.0.2.1")).end();
    await (await fixture.connect()).send(line("192.0.2.2")).until((received) => received === "<192.0.2.2>");
    expect(again.received).toBe("");
    one.close();
    expect(await again.untilEnd()).toBe("<192.0.2.1>");
  });

  test("closing ends who has not sent its header yet", async () => {
    const fixture = await open({ proxyProtocol: { from } });
    const client = await fixture.connect();
    await until(async () => (await fixture.listener.countConnections()) === 1);
    fixture.listener.close();
    await client.untilEnd();
    expect(fixture.refused).toEqual([]);
  });
});
