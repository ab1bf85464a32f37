import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { makeAuthority, missingOpenssl, type TestAuthority } from "../../../test/support/certificates.ts";
import { until } from "../../../test/support/until.ts";
import { ConnectError, connect } from "./connect.ts";

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "socle-connect-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const echo = (socket: Socket): void => void socket.on("error", () => {}).pipe(socket);

/** Opens a server and resolves to its port. */
async function listen(
  server: Server,
  where: { port: number; host: string } | { path: string },
): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(where, resolve));
  const bound = server.address();
  return typeof bound === "object" && bound !== null ? bound.port : 0;
}

const tcp = { port: 0, host: "127.0.0.1" };

describe("a connection", () => {
  test("over TCP, by text and by value, with its addresses", async () => {
    const port = await listen(createServer(echo), tcp);
    for (const address of [
      `127.0.0.1:${port}`,
      `localhost:${port}`,
      { kind: "tcp", host: "127.0.0.1", port } as const,
    ]) {
      await using connection = await connect(address);
      await connection.write("héllo\n");
      expect(await connection.readLine()).toBe("héllo");
      expect(connection).toMatchObject({
        remoteAddress: "127.0.0.1",
        remotePort: port,
        localAddress: "127.0.0.1",
        encrypted: false,
      });
      expect(connection.localPort).toBeGreaterThan(0);
      expect(connection.tls).toBeUndefined();
      expect(connection.proxied).toBeUndefined();
    }
  });

  test("over a Unix socket", async () => {
    const path = join(directory, "echo.sock");
    await listen(createServer(echo), { path });
    await using connection = await connect(`unix:${path}`);
    await connection.write("hello\n");
    expect(await connection.readLine()).toBe("hello");
    expect(connection.remoteAddress).toBeUndefined();
  });

  test("has the options of every connection, and stays half-open", async () => {
    const port = await listen(
      createServer({ allowHalfOpen: true }, (socket) => socket.end("first").resume()),
      tcp,
    );
    await using connection = await connect(`127.0.0.1:${port}`, { readTimeout: 50 });
    expect(await connection.readLine()).toBe("first");
    await connection.write("still mine");
    expect(connection.isOpen).toBe(true);
  });
});

describe("no connection", () => {
  test("nobody listens", async () => {
    const server = createServer();
    const port = await listen(server, tcp);
    await new Promise((resolve) => server.close(resolve));
    const error = await connect(`127.0.0.1:${port}`).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(ConnectError);
    expect(error).toMatchObject({
      code: "ECONNREFUSED",
      address: { kind: "tcp", host: "127.0.0.1", port },
      message: `can't connect to 127.0.0.1:${port}: nobody listens there. Start the server, or check the address.`,
    });
    // Several addresses, and none of them answers.
    await expect(connect(`localhost:${port}`)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  test("an unknown host, a file that is not there, an address that can't be read", async () => {
    await expect(connect("no-such-host.invalid:80")).rejects.toThrow(
      /^can't connect to no-such-host\.invalid:80: the host name "no-such-host\.invalid" (is unknown|can't be looked up)/,
    );
    await expect(connect(`unix:${join(directory, "gone.sock")}`)).rejects.toMatchObject({
      code: "ENOENT",
      message: expect.stringContaining("there is no such file"),
    });
    await expect(connect("127.0.0.1:http")).rejects.toMatchObject({ name: "AddressError" });
  });

  test("a server that accepts and says nothing, where TLS was wanted", async () => {
    const descriptors = (): number =>
      process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0;
    const accepted: Socket[] = [];
    const port = await listen(
      createServer((socket) => void accepted.push(socket.on("error", () => {}))),
      tcp,
    );
    const before = descriptors();
    await expect(connect(`127.0.0.1:${port}`, { tls: true, timeout: 50 })).rejects.toMatchObject({
      name: "Timeout",
      milliseconds: 50,
      message: `127.0.0.1:${port} did not answer within 50 ms`,
    });
    await until(() => accepted.length === 1);
    const controller = new AbortController();
    const connecting = connect(`127.0.0.1:${port}`, { tls: true, signal: controller.signal });
    setTimeout(() => controller.abort(new Error("changed my mind")), 20);
    await expect(connecting).rejects.toThrow("changed my mind");
    await expect(connect("127.0.0.1:1", { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: "AbortError",
    });
    await until(() => accepted.length === 2);
    for (const socket of accepted) socket.destroy();
    await until(() => descriptors() <= before);
  });

  test("a server that does not speak TLS", async () => {
    const port = await listen(
      createServer((socket) => socket.on("error", () => {}).end("220 hello\r\n")),
      tcp,
    );
    await expect(connect(`127.0.0.1:${port}`, { tls: true })).rejects.toMatchObject({
      name: "ConnectError",
      message: `can't connect to 127.0.0.1:${port}: the server does not speak TLS there.`,
    });
  });
});

describe.skipIf(missingOpenssl !== "")(`TLS ${missingOpenssl}`, () => {
  let authority: TestAuthority;
  let options: TlsOptions;
  beforeAll(async () => {
    authority = await makeAuthority(directory, "ca");
    const { certPem, keyPem } = await authority.issue("server", ["localhost"]);
    options = { cert: certPem, key: keyPem, ALPNProtocols: ["echo"], allowHalfOpen: true };
  });

  test("a certificate of an authority that is trusted, and what was agreed on", async () => {
    const client = await authority.issue("client", []);
    const port = await listen(
      createTlsServer({ ...options, requestCert: true, ca: authority.certPem }, (socket) => {
        socket.write(`${socket.getPeerCertificate().subject.CN}\n`);
        echo(socket);
      }),
      tcp,
    );
    const tls = { ca: authority.certPem, cert: client.certPem, key: client.keyPem, ALPNProtocols: ["echo"] };
    await using connection = await connect(`localhost:${port}`, { tls });
    expect(await connection.readLine()).toBe("client");
    await connection.write("secret\n");
    expect(await connection.readLine()).toBe("secret");
    expect(connection.encrypted).toBe(true);
    expect(connection.tls).toMatchObject({
      protocol: "TLSv1.3",
      cipher: expect.stringMatching(/^TLS_/),
      alpn: "echo",
      servername: "localhost",
      authorized: true,
      authorizationError: undefined,
    });
    expect(connection.tls?.peerCertificate()?.subject.CN).toBe("server");
  });

  test("a certificate that is not trusted, and one for another name", async () => {
    const port = await listen(createTlsServer(options, echo), tcp);
    await expect(connect(`localhost:${port}`, { tls: true })).rejects.toThrow(
      /^can't connect to localhost:\d+: the TLS handshake failed: .*(certificate|self-signed)/,
    );
    await expect(connect(`127.0.0.1:${port}`, { tls: { ca: authority.certPem } })).rejects.toMatchObject({
      name: "ConnectError",
      code: "ERR_TLS_CERT_ALTNAME_INVALID",
    });
    await using careless = await connect(`127.0.0.1:${port}`, { tls: { rejectUnauthorized: false } });
    expect(careless.tls).toMatchObject({ authorized: false, authorizationError: expect.stringMatching(/./) });
  });

  test("half-closed: the client has ended, and still reads", async () => {
    const port = await listen(
      createTlsServer(options, (socket) => {
        socket.on("end", () => socket.end("answer")).resume();
      }),
      tcp,
    );
    await using connection = await connect(`localhost:${port}`, { tls: { ca: authority.certPem } });
    await connection.end();
    expect(await connection.readLine()).toBe("answer");
  });
});
