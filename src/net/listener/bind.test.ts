import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Address, TcpAddress } from "../address.ts";
import { type BindError, bind, bindError } from "./bind.ts";

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "socle-bind-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const loopback = (port: number): TcpAddress => ({ kind: "tcp", host: "127.0.0.1", port });

async function refused(address: Address): Promise<BindError> {
  try {
    (await bind(address)).close();
  } catch (error) {
    expect(error).toMatchObject({ name: "BindError", address });
    return error as BindError;
  }
  throw new Error("it was bound");
}

/** Listens on a descriptor as a worker does; closing it leaves the descriptor's owner a closed one, so do it last. */
async function listen(fd: number): Promise<Server> {
  // A probe that finds a server alive hangs up without reading.
  const server = createServer((socket) => socket.on("error", () => {}).end("hello"));
  server.listen({ fd });
  await once(server, "listening");
  return server;
}

async function talk(to: { port: number } | { path: string }): Promise<string> {
  let said = "";
  for await (const chunk of connect({ host: "127.0.0.1", ...to }).setEncoding("utf8")) said += chunk;
  return said;
}

describe("a TCP address", () => {
  test("port 0 becomes a port, and others can listen on the descriptor", async () => {
    const bound = await bind(loopback(0));
    const { host, port } = bound.address as TcpAddress;
    expect(host).toBe("127.0.0.1");
    expect(port).toBeGreaterThan(0);
    await expect(talk({ port })).rejects.toMatchObject({ code: "ECONNREFUSED" });
    const server = await listen(bound.fd);
    expect(await talk({ port })).toBe("hello");
    server.close();
  });

  test("a host name is resolved", async () => {
    await using bound = await bind({ kind: "tcp", host: "localhost", port: 0 });
    expect((bound.address as TcpAddress).host).toMatch(/^(127\.0\.0\.1|::1)$/);
  });

  test("closing frees the port", async () => {
    const bound = await bind(loopback(0));
    bound.close();
    bound.close();
    const again = await bind(bound.address);
    expect(again.address).toEqual(bound.address);
    again.close();
  });

  test("a port that a server listens on is refused", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const error = await refused(loopback(port));
    server.close();
    expect(error.code).toBe("EADDRINUSE");
    expect(error.message).toBe(
      `can't listen on 127.0.0.1:${port}: the port is in use. Choose another one (port 0 takes any that is free), or stop the process that has it (\`lsof -i :${port}\` names it).`,
    );
  });

  test("an address of no interface, and an unknown host, are refused", async () => {
    expect(await refused({ kind: "tcp", host: "192.0.2.1", port: 0 })).toMatchObject({
      code: "EADDRNOTAVAIL",
      message: expect.stringContaining("no network interface here has the address 192.0.2.1"),
    });
    expect((await refused({ kind: "tcp", host: "no-such-host.invalid", port: 80 })).message).toContain(
      'the host name "no-such-host.invalid" is unknown',
    );
  });

  test("a low port without the right is explained", () => {
    expect(bindError(loopback(80), "EACCES").message).toBe(
      "can't listen on 127.0.0.1:80: ports below 1024 need a right that this user does not have. Choose a port from 1024 up.",
    );
  });
});

describe("a Unix socket", () => {
  const unix = (name: string): Address => ({ kind: "unix", path: join(directory, name) });

  test("its file is there while it is bound, and others can listen on the descriptor", async () => {
    const bound = await bind(unix("a.sock"));
    const path = join(directory, "a.sock");
    expect(existsSync(path)).toBe(true);
    const server = await listen(bound.fd);
    expect(await talk({ path })).toBe("hello");
    expect(await refused(unix("a.sock"))).toMatchObject({
      code: "EADDRINUSE",
      message: expect.stringContaining("another server listens on it"),
    });
    expect(await talk({ path })).toBe("hello");
    server.close();
  });

  test("closing removes its file", async () => {
    const bound = await bind(unix("b.sock"));
    bound.close();
    expect(existsSync(join(directory, "b.sock"))).toBe(false);
  });

  test("a file that nobody listens on is replaced", async () => {
    const left = await bind(unix("stale.sock"));
    const bound = await bind(unix("stale.sock"));
    const server = await listen(bound.fd);
    expect(await talk({ path: join(directory, "stale.sock") })).toBe("hello");
    server.close();
    left.close();
  });

  test("what can't be a socket's path is refused", async () => {
    await writeFile(join(directory, "file"), "precious");
    expect((await refused(unix("file"))).message).toContain("it is not a socket");
    expect((await refused(unix("file/x.sock"))).message).toContain("is not a directory");
    expect((await refused(unix("gone/x.sock"))).message).toContain("does not exist");
    expect((await refused(unix("x".repeat(120)))).message).toMatch(/the path has \d+ bytes, and the system/);
    expect(existsSync(join(directory, "x".repeat(60)))).toBe(false);
  });
});
