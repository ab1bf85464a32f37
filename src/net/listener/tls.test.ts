/** TLS on a listener, against node:tls and openssl as clients. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import {
  makeAuthority,
  missingOpenssl,
  type TestAuthority,
  type TestCertificate,
} from "../../../test/support/certificates.ts";
import { RawClient } from "../../../test/support/raw-client.ts";
import { until } from "../../../test/support/until.ts";
import type { TcpAddress } from "../address.ts";
import type { Transport } from "../transport/transport.ts";
import type { RefusalReason } from "./accept-options.ts";
import { Listener, type ListenerOptions } from "./listener.ts";
import type { TlsOptions } from "./tls-options.ts";

describe.skipIf(missingOpenssl !== "")(`TLS ${missingOpenssl}`, () => {
  let directory = "";
  let authority: TestAuthority;
  let stranger: TestAuthority;
  let server: TestCertificate;
  let other: TestCertificate;
  let wild: TestCertificate;
  let client: TestCertificate;
  let forged: TestCertificate;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "socle-tls-"));
    [authority, stranger] = await Promise.all([
      makeAuthority(directory, "authority"),
      makeAuthority(directory, "stranger"),
    ]);
    server = await authority.issue("server", ["localhost", "127.0.0.1"]);
    other = await authority.issue("other", ["other.example"]);
    wild = await authority.issue("wild", ["*.wild.example"]);
    client = await authority.issue("client", []);
    forged = await stranger.issue("forged", []);
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  let descriptorsBefore = 0;
  beforeEach(() => {
    descriptorsBefore = readdirSync("/proc/self/fd").length;
    onTestFinished(() => until(() => readdirSync("/proc/self/fd").length <= descriptorsBefore));
  });

  interface Fixture {
    listener: Listener;
    port: number;
    served: Transport[];
    /** What came in over all of them. */
    received: string[];
    /** What they ended with. */
    closed: (Error | null)[];
    refused: [RefusalReason, string][];
    errors: Error[];
    connect(options?: ConnectionOptions): Promise<TLSSocket>;
  }

  /** A listener whose connections greet, and end when the client does. */
  async function open(tls: TlsOptions, options: ListenerOptions = {}): Promise<Fixture> {
    const fixture: Pick<Fixture, "served" | "refused" | "errors" | "received" | "closed"> = {
      served: [],
      received: [],
      closed: [],
      refused: [],
      errors: [],
    };
    const onTransport = (transport: Transport): void => {
      const n = fixture.served.push(transport) - 1;
      fixture.received[n] = "";
      transport.start({
        onData(chunk) {
          fixture.received[n] += Buffer.from(chunk).toString();
        },
        onEnd: () => transport.end(),
        onDrain() {},
        onClose: (error) => fixture.closed.push(error),
      });
      transport.write("hello");
    };
    const listener = await Listener.open({ kind: "tcp", host: "127.0.0.1", port: 0 }, onTransport, {
      ...options,
      tls,
      onRefused: (reason, _, detail) => fixture.refused.push([reason, detail]),
      onError: (error) => fixture.errors.push(error),
    });
    const { port } = listener.address as TcpAddress;
    const clients: TLSSocket[] = [];
    onTestFinished(() => {
      listener.close();
      for (const socket of clients) socket.destroy();
    });
    return {
      ...fixture,
      listener,
      port,
      async connect(extra = {}) {
        const socket = connect({ port, host: "127.0.0.1", ca: authority.certPem, ...extra });
        clients.push(socket);
        socket.on("error", () => {});
        await once(socket, "secureConnect");
        return socket;
      },
    };
  }

  async function said(socket: TLSSocket): Promise<string> {
    const [chunk] = await once(socket, "data");
    return String(chunk);
  }

  test("bytes go both ways, and the facts are known", async () => {
    const fixture = await open({ cert: server.cert, key: server.key, alpnProtocols: ["b", "a"] });
    const socket = await fixture.connect({ servername: "localhost", ALPNProtocols: ["a", "b"] });
    expect(await said(socket)).toBe("hello");
    const [transport] = fixture.served;
    expect(transport).toMatchObject({
      encrypted: true,
      remoteAddress: "127.0.0.1",
      remotePort: socket.localPort,
      localPort: fixture.port,
    });
    expect(transport!.tls).toMatchObject({
      protocol: "TLSv1.3",
      cipher: expect.stringMatching(/^TLS_/),
      alpn: "b",
      servername: "localhost",
      authorized: false,
    });
    expect(transport!.tls?.peerCertificate()).toBeUndefined();
    expect(socket.alpnProtocol).toBe("b");
    // Half-closed: the client has ended, and still gets what is written then.
    socket.end("bye");
    await once(socket, "close");
    expect(fixture.received[0]).toBe("bye");
  });

  test("PEM text and bytes do as well as files", async () => {
    const fixture = await open({ cert: server.certPem, key: Buffer.from(server.keyPem) });
    expect(await said(await fixture.connect())).toBe("hello");
  });

  test("the version is 1.2 at least", async () => {
    const fixture = await open({ cert: server.cert, key: server.key });
    const old = await fixture.connect({ maxVersion: "TLSv1.2" });
    expect(old.getProtocol()).toBe("TLSv1.2");
    const ancient: ConnectionOptions = {
      minVersion: "TLSv1",
      maxVersion: "TLSv1.1",
      ciphers: "DEFAULT@SECLEVEL=0",
    };
    await expect(fixture.connect(ancient)).rejects.toThrow();
    const strict = await open({ cert: server.cert, key: server.key, minVersion: "TLSv1.3" });
    await expect(strict.connect({ maxVersion: "TLSv1.2" })).rejects.toThrow();
    expect(strict.refused).toEqual([["tls-handshake", expect.stringContaining("unsupported protocol")]]);
  });

  test("each host name has its certificate", async () => {
    const fixture = await open({
      cert: server.cert,
      key: server.key,
      sni: { "Other.Example": other, "*.wild.example": wild },
    });
    const shown = async (servername: string): Promise<string> => {
      const socket = await fixture.connect({ servername, checkServerIdentity: () => undefined });
      return String(socket.getPeerCertificate().subject.CN);
    };
    expect(await shown("other.example")).toBe("other");
    expect(await shown("OTHER.example")).toBe("other");
    expect(await shown("a.wild.example")).toBe("wild");
    expect(await shown("a.b.wild.example")).toBe("server");
    expect(await shown("wild.example")).toBe("server");
    expect(await shown("unknown.example")).toBe("server");
    expect(await shown("")).toBe("server");
    expect(fixture.served[0]!.tls?.servername).toBe("other.example");
  });

  describe("client certificates", () => {
    const required = (): TlsOptions => ({
      cert: server.cert,
      key: server.key,
      clientCertificates: { ca: authority.cert },
    });
    const optional = (): TlsOptions => ({
      ...required(),
      clientCertificates: { ca: [authority.certPem], required: false },
    });
    const pem = (certificate: TestCertificate): ConnectionOptions => ({
      cert: certificate.certPem,
      key: certificate.keyPem,
    });

    test("a valid one is taken", async () => {
      const fixture = await open(required());
      await said(await fixture.connect(pem(client)));
      const tls = fixture.served[0]!.tls!;
      expect(tls.authorized).toBe(true);
      expect(tls.authorizationError).toBeUndefined();
      expect(tls.peerCertificate()?.subject.CN).toBe("client");
    });

    test.each(["TLSv1.2", "TLSv1.3"] as const)(
      "without a valid one there is no connection (%s)",
      async (maxVersion) => {
        const fixture = await open(required());
        for (const options of [{}, pem(forged)]) {
          const socket = await fixture.connect({ ...options, maxVersion }).catch(() => undefined);
          // With TLS 1.3 the client is done before the server has looked.
          socket?.resume();
          await until(() => socket?.closed ?? true);
        }
        await until(() => fixture.refused.length === 2);
        expect(fixture.served).toEqual([]);
        expect(fixture.refused.map(([reason]) => reason)).toEqual(["tls-handshake", "tls-handshake"]);
        expect(fixture.refused[1]![1]).toMatch(
          /UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED|UNABLE_TO_GET_ISSUER/,
        );
      },
    );

    test("where it is not required, it is known whether there was one", async () => {
      const fixture = await open(optional());
      for (const options of [{}, pem(forged), pem(client)]) await said(await fixture.connect(options));
      const facts = fixture.served.map(({ tls }) => [tls!.authorized, tls!.peerCertificate()?.subject.CN]);
      expect(facts).toEqual([
        [false, undefined],
        [false, "forged"],
        [true, "client"],
      ]);
      expect(fixture.served[1]!.tls!.authorizationError).toMatch(/UNABLE_TO/);
    });

    test("who resumes a session that had none is not authorized", async () => {
      const fixture = await open(optional());
      const first = await fixture.connect({ maxVersion: "TLSv1.3", servername: "localhost" });
      const [session] = await once(first, "session");
      const again = await fixture.connect({ session, servername: "localhost" });
      await said(again);
      expect(again.isSessionReused()).toBe(true);
      expect(fixture.served[1]!.tls!.authorized).toBe(false);
    });
  });

  test("with shared ticket keys a session is resumed at another listener", async () => {
    const tls = { cert: server.cert, key: server.key };
    const resumed = async (options: TlsOptions): Promise<boolean> => {
      const [one, two] = [await open(options), await open(options)];
      const socket = await one.connect({ servername: "localhost" });
      const [session] = await once(socket, "session");
      return (await two.connect({ session, servername: "localhost" })).isSessionReused();
    };
    expect(await resumed({ ...tls, ticketKeys: randomBytes(48) })).toBe(true);
    expect(await resumed(tls)).toBe(false);
  });

  describe("what is no handshake", () => {
    const tls = (): TlsOptions => ({ cert: server.cert, key: server.key });

    test.each([
      ["plain HTTP", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"],
      ["garbage", "\x16\x03\x01\xff\xff\xff\xff\xff\xff"],
      ["zeros", "\0".repeat(100)],
    ])("%s is ended", async (_, data) => {
      const fixture = await open(tls());
      const raw = await RawClient.open(fixture.port);
      await raw.send(data).untilEnd();
      raw.close();
      await until(() => fixture.refused.length === 1);
      expect(fixture.refused[0]![0]).toBe("tls-handshake");
      expect(await said(await fixture.connect())).toBe("hello");
      expect(fixture.served).toHaveLength(1);
    });

    test("a handshake that never ends is ended, also one that drips", async () => {
      const fixture = await open(tls(), { handshakeTimeout: 1000 });
      const silent = await RawClient.open(fixture.port);
      const drip = await RawClient.open(fixture.port);
      const hello = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".padEnd(200, "\0");
      let sent = 0;
      const dripping = setInterval(() => drip.send(hello[sent++]!), 50);
      await Promise.all([silent.untilEnd(), drip.untilEnd()]);
      clearInterval(dripping);
      expect(sent).toBeGreaterThan(10);
      expect(fixture.refused).toEqual([
        ["tls-timeout", "the TLS handshake took too long"],
        ["tls-timeout", "the TLS handshake took too long"],
      ]);
      for (const raw of [silent, drip]) raw.close();
    });

    test("a reset or an end in the middle is no trouble", async () => {
      const fixture = await open(tls());
      for (const leave of ["end", "resetAndDestroy", "destroy"] as const) {
        const raw = await RawClient.open(fixture.port);
        raw.send("\x16\x03\x01\x02\x00\x01\x00\x01");
        await until(async () => (await fixture.listener.countConnections()) === 1);
        raw.socket[leave]();
        await until(async () => (await fixture.listener.countConnections()) === 0);
        raw.close();
      }
      expect(fixture.refused.map(([reason]) => reason)).toEqual([
        "tls-handshake",
        "tls-handshake",
        "tls-handshake",
      ]);
      expect(await said(await fixture.connect())).toBe("hello");
    });

    test("closing ends who shakes hands", async () => {
      const fixture = await open(tls());
      const raw = await RawClient.open(fixture.port);
      await until(async () => (await fixture.listener.countConnections()) === 1);
      fixture.listener.close();
      await raw.untilEnd();
      raw.close();
      expect(fixture.refused).toEqual([]);
    });

    test("a reset after the handshake reaches the protocol, and nobody else", async () => {
      const fixture = await open(tls());
      const raw = connectTcp(fixture.port, "127.0.0.1");
      const socket = connect({ socket: raw, ca: authority.certPem, servername: "localhost" });
      await said(socket);
      raw.resetAndDestroy();
      await until(async () => (await fixture.listener.countConnections()) === 0);
      expect(fixture.closed).toEqual([expect.objectContaining({ code: "ECONNRESET" })]);
    });
  });

  test("a PROXY header comes before the handshake, in one packet with it too", async () => {
    const fixture = await open(
      { cert: server.cert, key: server.key },
      { proxyProtocol: { from: ["127.0.0.1"] } },
    );
    for (const together of [false, true]) {
      const raw = await RawClient.open(fixture.port);
      if (together) raw.socket.cork();
      raw.send("PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n");
      raw.socket.removeAllListeners("data");
      const socket = connect({ socket: raw.socket, ca: authority.certPem, servername: "localhost" });
      if (together) raw.socket.uncork();
      expect(await said(socket)).toBe("hello");
      socket.destroy();
      raw.close();
    }
    for (const transport of fixture.served) {
      expect(transport).toMatchObject({
        encrypted: true,
        remoteAddress: "192.0.2.1",
        localPort: 443,
        proxied: { peerAddress: "127.0.0.1" },
      });
      expect(transport.tls?.servername).toBe("localhost");
    }
  });

  test("caps count who shakes hands, and who waits shakes hands when it is its turn", async () => {
    const fixture = await open(
      { cert: server.cert, key: server.key },
      { maxConnections: 1, overflow: "wait" },
    );
    const raw = await RawClient.open(fixture.port);
    await until(async () => (await fixture.listener.countConnections()) === 1);
    const waiting = fixture.connect();
    await until(async () => (await fixture.listener.countConnections()) === 2);
    raw.close();
    expect(await said(await waiting)).toBe("hello");
  });

  describe("certificates are read again", () => {
    let files: { cert: string; key: string };
    beforeEach(async () => {
      files = { cert: join(directory, "current.crt"), key: join(directory, "current.key") };
      await use(server);
    });
    async function use(certificate: TestCertificate): Promise<void> {
      await copyFile(certificate.cert, files.cert);
      await copyFile(certificate.key, files.key);
    }
    const shown = async (fixture: Fixture, servername = "localhost"): Promise<string> => {
      const socket = await fixture.connect({ servername, checkServerIdentity: () => undefined });
      return String(socket.getPeerCertificate().subject.CN);
    };

    test("when it is asked for", async () => {
      const fixture = await open({ ...server, sni: { "sni.example": files }, reloadInterval: 0 });
      const before = await fixture.connect({
        servername: "sni.example",
        checkServerIdentity: () => undefined,
      });
      expect(await shown(fixture, "sni.example")).toBe("server");
      await use(other);
      expect(await shown(fixture, "sni.example")).toBe("server");
      await fixture.listener.reloadTls();
      expect(await shown(fixture, "sni.example")).toBe("other");
      expect(await shown(fixture)).toBe("server");
      // Connections that there are live on.
      before.end("bye");
      await until(() => fixture.received[0] === "bye");
    });

    test("when a file has changed, by itself", async () => {
      const fixture = await open({ ...files, reloadInterval: 100 });
      expect(await shown(fixture)).toBe("server");
      await use(other);
      await until(async () => (await shown(fixture)) === "other");
      await use(wild);
      await until(async () => (await shown(fixture)) === "wild");
    });

    test("what can't be used is told once, and the old ones serve on until it is right again", async () => {
      const fixture = await open({ ...files, reloadInterval: 100 });
      await copyFile(other.cert, files.cert); // the key is still the old one's
      await until(() => fixture.errors.length > 0);
      expect(fixture.errors[0]).toMatchObject({
        name: "OptionError",
        message: `tls.key (${files.key}) is not the key of tls.cert (${files.cert})`,
      });
      await expect(fixture.listener.reloadTls()).rejects.toMatchObject({ name: "OptionError" });
      expect(await shown(fixture)).toBe("server");
      const since = performance.now();
      await until(() => performance.now() - since > 1500); // several looks at the same files
      expect(fixture.errors).toHaveLength(1);
      await rm(files.key);
      await until(() => fixture.errors.length === 2);
      expect(fixture.errors[1]!.message).toContain("tls.key");
      await use(other);
      await until(async () => (await shown(fixture)) === "other");
    });
  });

  test("options that can't be used are explained", async () => {
    const empty = join(directory, "empty.pem");
    await writeFile(empty, "");
    const files = { cert: server.cert, key: server.key };
    for (const [options, message] of [
      [
        { ...files, cert: join(directory, "gone.crt") },
        /^tls\.cert \(.*gone\.crt\) can't be read: ENOENT.*Give the path of a PEM file/,
      ],
      [{ ...files, cert: empty }, /^tls\.cert \(.*\) holds no certificate in PEM form/],
      [{ ...files, cert: server.key }, /^tls\.cert \(.*\) holds no certificate in PEM form/],
      [{ ...files, key: server.cert }, /^tls\.key \(.*\) holds no private key in PEM form/],
      [{ ...files, key: other.key }, /^tls\.key \(.*\) is not the key of tls\.cert/],
      [{ ...files, cert: "-----BEGIN CERTIFICATE-----\nx" }, /^tls\.cert holds no certificate in PEM form/],
      [{ cert: server.cert } as TlsOptions, /^tls needs cert and key/],
      [
        { ...files, sni: { "a.example": { cert: empty, key: empty } } },
        /^tls\.sni\["a\.example"\]\.cert \(.*\) holds no cert/,
      ],
      [{ ...files, sni: { "https://a": files } }, /^tls\.sni has "https:\/\/a", which is no host name/],
      [{ ...files, sni: { "a.*.example": files } }, /which is no host name/],
      [{ ...files, sni: { "bücher.example": files } }, /which is no host name/],
      [
        { ...files, clientCertificates: { ca: empty } },
        /^tls\.clientCertificates\.ca \(.*\) holds no certificate/,
      ],
      [{ ...files, alpnProtocols: [""] }, /^tls\.alpnProtocols has a name that is empty/],
      [{ ...files, minVersion: "TLSv1.1" as "TLSv1.2" }, /^tls\.minVersion is "TLSv1\.1"/],
      [{ ...files, ciphers: "nonsense" }, /^tls can't be used: .*no cipher match/],
      [{ ...files, ticketKeys: randomBytes(16) }, /^tls\.ticketKeys has 16 bytes, and must have 48/],
      [{ ...files, reloadInterval: -1 }, /^tls\.reloadInterval is -1/],
    ] as const) {
      await expect(open(options), String(message)).rejects.toMatchObject({
        name: "OptionError",
        message: expect.stringMatching(message),
      });
    }
  });
});
