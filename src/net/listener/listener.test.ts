/** Where a listener listens, and what it leaves behind. */
import { once } from "node:events";
import { existsSync, lstatSync, openSync, readdirSync, renameSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { RawClient } from "../../../test/support/raw-client.ts";
import { until } from "../../../test/support/until.ts";
import type { ListenAddress, TcpAddress, UnixAddress } from "../address.ts";
import type { Transport } from "../transport/transport.ts";
import { bind } from "./bind.ts";
import { Listener, type ListenerOptions, type ListenTarget } from "./listener.ts";

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "socle-listener-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === "::1"),
);
const hasReusePort = process.platform === "linux";
const loopback: TcpAddress = { kind: "tcp", host: "127.0.0.1", port: 0 };
const unix = (name: string): UnixAddress => ({ kind: "unix", path: join(directory, name) });

/** A listener that says who has connected, and hangs up. */
async function open(target: ListenTarget, options?: ListenerOptions): Promise<Listener> {
  const listener = await Listener.open(target, greet, options);
  onTestFinished(() => listener.close());
  return listener;
}

function greet(transport: Transport): void {
  transport.start({ onData() {}, onEnd() {}, onDrain() {}, onClose() {} });
  transport.write(`hello ${transport.remoteAddress ?? "nobody"}`);
  transport.end();
}

async function talk(to: { host?: string; port: number } | { path: string }): Promise<string> {
  let said = "";
  for await (const chunk of connect({ host: "127.0.0.1", ...to }).setEncoding("utf8")) said += chunk;
  return said;
}

function portOf(listener: Listener): number {
  return (listener.address as TcpAddress).port;
}

describe("TCP", () => {
  test("a host name is resolved, and port 0 replaced", async () => {
    const listener = await open({ kind: "tcp", host: "localhost", port: 0 });
    const { host, port } = listener.address as TcpAddress;
    expect(host).toMatch(/^(127\.0\.0\.1|::1)$/);
    expect(await talk({ host, port })).toBe(`hello ${host}`);
  });

  test("a port that is taken, and an unknown host, are explained", async () => {
    const listener = await open(loopback);
    await expect(Listener.open(listener.address, greet)).rejects.toMatchObject({
      name: "BindError",
      code: "EADDRINUSE",
      message: expect.stringContaining("the port is in use"),
    });
    await expect(
      Listener.open({ kind: "tcp", host: "no-such.invalid", port: 0 }, greet),
    ).rejects.toMatchObject({
      name: "BindError",
      message: expect.stringContaining('the host name "no-such.invalid" is unknown'),
    });
  });

  test("the port can be had again at once, with connections of the last listener still about", async () => {
    const listener = await open(loopback);
    const client = await RawClient.open(portOf(listener));
    await client.untilEnd(); // the server's end is in TIME_WAIT or FIN_WAIT
    listener.close();
    const again = await open(listener.address);
    expect(again.address).toEqual(listener.address);
    client.close();
  });

  test.skipIf(!hasIpv6)("[::] takes IPv4 as well, unless it is told not to", async () => {
    const both = await open({ kind: "tcp", host: "::", port: 0 });
    expect(await talk({ host: "127.0.0.1", port: portOf(both) })).toBe("hello ::ffff:127.0.0.1");
    expect(await talk({ host: "::1", port: portOf(both) })).toBe("hello ::1");
    const six = await open({ kind: "tcp", host: "::", port: 0 }, { ipv6Only: true });
    expect(await talk({ host: "::1", port: portOf(six) })).toBe("hello ::1");
    await expect(talk({ host: "127.0.0.1", port: portOf(six) })).rejects.toMatchObject({
      code: "ECONNREFUSED",
    });
    const bound = await bind({ kind: "tcp", host: "::", port: 0 }, { ipv6Only: true });
    // The port is free for IPv4, then.
    const four = await open({ kind: "tcp", host: "0.0.0.0", port: (bound.address as TcpAddress).port });
    expect(await talk({ port: portOf(four) })).toBe("hello 127.0.0.1");
    bound.close();
  });

  test.skipIf(!hasReusePort)("reusePort lets several listeners have one port", async () => {
    const first = await open(loopback, { reusePort: true });
    const second = await open(first.address, { reusePort: true });
    const bound = await bind(first.address, { reusePort: true });
    expect(bound.address).toEqual(first.address);
    bound.close();
    await expect(Listener.open(first.address, greet)).rejects.toMatchObject({ code: "EADDRINUSE" });
    first.close();
    expect(await talk({ port: portOf(second) })).toBe("hello 127.0.0.1");
  });

  test("options that make no sense are refused", async () => {
    for (const [options, message] of [
      [{ backlog: 0 }, "backlog is 0, and must be a whole number from 1 to"],
      [{ unixMode: 0o1777 }, "unixMode is 1023"],
      [{ allow: ["10.0.0.1/8"] }, "allow has"],
      [{ proxyProtocol: { from: ["nonsense"] } }, "proxyProtocol.from has"],
      [{ proxyProtocol: { from: [], timeout: 0 } }, "proxyProtocol.timeout is 0"],
      [{ deny: [], handshakeTimeout: 0.5 }, "handshakeTimeout is 0.5"],
    ] as const) {
      await expect(Listener.open(loopback, greet, options)).rejects.toMatchObject({
        name: "OptionError",
        message: expect.stringContaining(message),
      });
    }
  });

  test("connections are counted", async () => {
    const listener = await Listener.open(loopback, (transport) => {
      transport.start({ onData() {}, onEnd: () => transport.end(), onDrain() {}, onClose() {} });
    });
    onTestFinished(() => listener.close());
    const clients = [await RawClient.open(portOf(listener)), await RawClient.open(portOf(listener))];
    await until(async () => (await listener.countConnections()) === 2);
    for (const client of clients) client.close();
    await until(async () => (await listener.countConnections()) === 0);
  });

  test("a listener that is closed leaves no descriptor behind", async () => {
    const before = readdirSync("/proc/self/fd").length;
    for (let n = 0; n < 5; n++) {
      const listener = await Listener.open(loopback, greet, { allow: ["127.0.0.0/8"], maxConnections: 10 });
      expect(await talk({ port: portOf(listener) })).toBe("hello 127.0.0.1");
      listener.close();
      listener.close();
      await expect(talk({ port: portOf(listener) })).rejects.toMatchObject({ code: "ECONNREFUSED" });
    }
    await until(() => readdirSync("/proc/self/fd").length <= before);
  });
});

describe("a Unix socket", () => {
  const pathOf = (name: string): string => unix(name).path;

  test("its file is there while somebody listens, and removed at the end", async () => {
    const listener = await open(unix("a.sock"));
    expect(listener.address).toEqual(unix("a.sock"));
    expect(await talk({ path: pathOf("a.sock") })).toBe("hello nobody");
    listener.close();
    expect(existsSync(pathOf("a.sock"))).toBe(false);
  });

  test("a live server's is kept, a dead one's replaced", async () => {
    await open(unix("b.sock"));
    await expect(Listener.open(unix("b.sock"), greet)).rejects.toMatchObject({
      name: "BindError",
      code: "EADDRINUSE",
      message: expect.stringContaining("another server listens on it"),
    });
    const dead = await bind(unix("dead.sock")); // bound, and nobody listens
    await open(unix("dead.sock"));
    expect(await talk({ path: pathOf("dead.sock") })).toBe("hello nobody");
    // It knows that the file is not its own any more.
    dead.close();
    expect(await talk({ path: pathOf("dead.sock") })).toBe("hello nobody");
  });

  test("who closes it does not remove another's file", async () => {
    const old = await open(unix("c.sock"));
    const replacement = await open(unix("new.sock"));
    renameSync(pathOf("new.sock"), pathOf("c.sock"));
    old.close();
    expect(await talk({ path: pathOf("c.sock") })).toBe("hello nobody");
    replacement.close();
    expect(readdirSync(directory).filter((name) => name.startsWith("c.sock"))).toEqual(["c.sock"]);
  });

  test("its mode is what was asked for, whatever the umask", async () => {
    const modeOf = (name: string): number => lstatSync(pathOf(name)).mode & 0o777;
    const mask = process.umask(0o27);
    await open(unix("wide.sock"), { unixMode: 0o666 });
    expect(modeOf("wide.sock")).toBe(0o666);
    await open(unix("narrow.sock"), { unixMode: 0o600 });
    expect(modeOf("narrow.sock")).toBe(0o600);
    const bound = await bind(unix("bound.sock"), { unixMode: 0o640 });
    expect(modeOf("bound.sock")).toBe(0o640);
    bound.close();
    expect(process.umask(mask)).toBe(0o27);
  });

  test("in a thread as well", async () => {
    const code = `
      const { workerData, parentPort } = require("node:worker_threads");
      import(workerData.module).then(async ({ Listener }) => {
        const listener = await Listener.open(workerData.address, () => {}, { unixMode: 0o660 });
        parentPort.postMessage("listening");
        parentPort.once("message", () => listener.close());
      });`;
    const module = new URL("./listener.ts", import.meta.url).href;
    const thread = new Worker(code, { eval: true, workerData: { module, address: unix("thread.sock") } });
    await once(thread, "message");
    expect(lstatSync(pathOf("thread.sock")).mode & 0o777).toBe(0o660);
    thread.postMessage("close");
    await once(thread, "exit");
    expect(existsSync(pathOf("thread.sock"))).toBe(false);
  });

  test("a path that can't be is explained", async () => {
    await expect(Listener.open(unix("gone/x.sock"), greet)).rejects.toMatchObject({
      name: "BindError",
      code: "ENOENT",
    });
    await expect(Listener.open(unix("x".repeat(120)), greet)).rejects.toMatchObject({ code: "ENAMETOOLONG" });
  });
});

describe("a descriptor", () => {
  test("of a TCP socket, and of a Unix socket", async () => {
    const tcp = await bind(loopback);
    const onTcp = await open({ kind: "fd", fd: tcp.fd });
    expect(onTcp.address).toEqual(tcp.address);
    expect(await talk({ port: portOf(onTcp) })).toBe("hello 127.0.0.1");
    const local = await bind(unix("fd.sock"));
    const onLocal = await open({ fd: local.fd });
    expect(onLocal.address).toEqual(local.address);
    expect(await talk({ path: unix("fd.sock").path })).toBe("hello nobody");
  });

  test("can be taken over, for others to listen on", async () => {
    // Whose descriptor is taken over here may not close it any more, so nobody closes the first of each.
    for (const first of [await bind(loopback), await bind(unix("taken.sock"))]) {
      const bound = await bind({ kind: "fd", fd: first.fd });
      expect(bound).toMatchObject({ fd: first.fd, address: first.address });
      bound.close();
      await expect(bind({ kind: "fd", fd: first.fd })).rejects.toMatchObject({ code: "EBADF" });
    }
  });

  test("that this process serves on already is not taken over", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
    await expect(bind({ kind: "fd", fd })).rejects.toMatchObject({
      message: expect.stringContaining("this process uses that descriptor already"),
    });
    server.close();
  });

  test("that is no listening socket is explained", async () => {
    const file = openSync(import.meta.filename, "r");
    for (const fd of [987, file]) {
      for (const attempt of [bind, (address: ListenAddress) => Listener.open(address, greet)]) {
        await expect(attempt({ kind: "fd", fd })).rejects.toMatchObject({
          name: "BindError",
          message: expect.stringMatching(
            new RegExp(`^can't listen on fd://${fd}: .*not started with a stream socket`),
          ),
        });
      }
    }
  });

  test("of systemd, when there is none", async () => {
    for (const attempt of [bind, (address: ListenAddress) => Listener.open(address, greet)]) {
      await expect(attempt({ kind: "systemd", name: "web" })).rejects.toMatchObject({
        name: "BindError",
        message: expect.stringContaining(
          "can't listen on systemd:web: no socket was handed over by systemd.",
        ),
      });
    }
  });
});
