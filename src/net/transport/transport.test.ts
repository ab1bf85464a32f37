/** What every transport over a socket does, whichever way it drives it. */
import { readdirSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { RawClient } from "../../../test/support/raw-client.ts";
import { acceptHandles, HandleTransport, supportsHandle } from "./handle-transport.ts";
import { SocketTransport } from "./socket-transport.ts";
import type { Protocol, Transport } from "./transport.ts";

/** Keeps what happens. */
class Recorder implements Protocol {
  readonly transport: Transport;
  received = "";
  readonly events: string[] = [];
  closeError: Error | null | undefined;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  onData(chunk: Uint8Array): void {
    this.received += Buffer.from(chunk).toString("latin1");
  }
  onEnd(): void {
    this.events.push("end");
  }
  onDrain(): void {
    this.events.push("drain");
  }
  onClose(error: Error | null): void {
    this.events.push("close");
    this.closeError = error;
  }
}

const descriptors = () => readdirSync("/dev/fd").length;

type OnTransport = (transport: Transport) => void;

describe.each([
  [
    "SocketTransport",
    (server: Server, onTransport: OnTransport) =>
      server.on("connection", (socket) => onTransport(new SocketTransport(socket))),
  ],
  [
    "HandleTransport of a socket",
    (server: Server, onTransport: OnTransport) =>
      server.on("connection", (socket) => {
        expect(supportsHandle(socket)).toBe(true);
        onTransport(HandleTransport.ofSocket(socket));
      }),
  ],
  [
    "HandleTransport as accepted",
    (server: Server, onTransport: OnTransport) =>
      server.on("listening", () => expect(acceptHandles(server, onTransport)).toBeDefined()),
  ],
])("%s", (_, accept) => {
  /** A client, and the server's end of its connection. */
  async function pair(target: { path: string } | { port: 0 } = { port: 0 }): Promise<[RawClient, Recorder]> {
    let server: Server | undefined;
    const accepted = new Promise<Recorder>((resolve) => {
      server = createServer({ allowHalfOpen: true });
      accept(server, (transport) => {
        const recorder = new Recorder(transport);
        recorder.transport.start(recorder);
        resolve(recorder);
      });
    });
    await new Promise<void>((resolve) => server?.listen({ ...target, host: "127.0.0.1" }, resolve));
    const address = server?.address();
    const client = await RawClient.open(
      typeof address === "string" ? { path: address } : (address as { port: number }).port,
    );
    const recorder = await accepted;
    onTestFinished(() => {
      client.close();
      recorder.transport.destroy();
      server?.close();
    });
    return [client, recorder];
  }

  test("carries bytes both ways, as latin1 and as bytes, together and apart", async () => {
    const [client, server] = await pair();
    client.send("\x00\xff\r\n");
    await expect.poll(() => server.received).toBe("\x00\xff\r\n");
    server.transport.write("a\xff");
    server.transport.write(Buffer.from("b"));
    server.transport.writePair("c", Buffer.from("d"));
    await client.until((text) => text === "a\xffbcd");
    expect(server.transport.bufferedBytes).toBe(0);
    expect(server.transport.remotePort).toBe(client.socket.localPort);
    expect(server.transport.localPort).toBe(client.socket.remotePort);
  });

  test("works over a Unix socket", async () => {
    const [client, server] = await pair({
      path: join(tmpdir(), `transport-${process.pid}-${_.replaceAll(" ", "-")}.sock`),
    });
    client.send("hello");
    await expect.poll(() => server.received).toBe("hello");
    server.transport.write("x".repeat(100_000));
    await client.until((text) => text.length === 100_000);
    expect(server.transport.remoteAddress).toBeUndefined();
  });

  test("asks to wait when the peer takes nothing, and tells when it has taken all", async () => {
    const [client, server] = await pair();
    client.socket.pause();
    let sent = 0;
    const piece = "x".repeat(60_000);
    let more = true;
    while (more) {
      more = sent % 2 === 0 ? server.transport.write(piece) : server.transport.write(Buffer.from(piece));
      sent++;
      expect(sent).toBeLessThan(1000);
    }
    expect(server.transport.bufferedBytes).toBeGreaterThan(0);
    expect(server.events).toEqual([]);
    // Behind what waits, in order.
    server.transport.writePair("y", Buffer.from("z"));
    client.socket.resume();
    await client.until((text) => text.length === sent * piece.length + 2);
    expect(client.received.endsWith("xyz")).toBe(true);
    await expect.poll(() => server.events).toEqual(["drain"]);
    expect(server.transport.bufferedBytes).toBe(0);
  });

  test("pause holds the sender, and resume lets it on", async () => {
    const [client, server] = await pair();
    server.transport.pause();
    const total = 16 * 1024 * 1024;
    client.send(Buffer.alloc(total, "x"));
    let left = -1;
    while (left !== client.socket.writableLength) {
      left = client.socket.writableLength;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(left).toBeGreaterThan(0);
    expect(server.received).toBe("");
    server.transport.resume();
    await expect.poll(() => server.received.length).toBe(total);
  });

  test("half-closes, either side first, after what is queued", async () => {
    const [client, server] = await pair();
    client.send("last").end();
    await expect.poll(() => server.events).toEqual(["end"]);
    expect(server.received).toBe("last");
    server.transport.write("x".repeat(5_000_000));
    server.transport.end();
    await client.untilEnd();
    expect(client.received.length).toBe(5_000_000);
    await expect.poll(() => server.events.at(-1)).toBe("close");
    expect(server.closeError).toBeNull();

    const [second, other] = await pair();
    other.transport.end();
    await second.untilEnd();
    second.send("still heard");
    await expect.poll(() => other.received).toBe("still heard");
    second.end();
    await expect.poll(() => other.events).toEqual(["end", "close"]);
  });

  test("tells of a reset, whether reading or writing", async () => {
    const [client, server] = await pair();
    client.socket.resetAndDestroy();
    await expect.poll(() => server.events.at(-1)).toBe("close");
    expect(server.closeError).toMatchObject({ code: "ECONNRESET" });

    const [second, other] = await pair();
    second.socket.pause();
    while (other.transport.write("x".repeat(60_000)));
    second.socket.resetAndDestroy();
    await expect.poll(() => other.events.at(-1)).toBe("close");
    expect(other.closeError).toBeInstanceOf(Error);
    expect(other.transport.bufferedBytes).toBe(0);
  });

  test("writing after the end or after it was destroyed does no harm", async () => {
    const [, server] = await pair();
    server.transport.destroy();
    server.transport.write("late");
    server.transport.writePair("late", Buffer.from("too"));
    server.transport.pause();
    server.transport.resume();
    server.transport.end();
    await expect.poll(() => server.events).toEqual(["close"]);
    server.transport.write("later");
    expect(server.transport.bufferedBytes).toBe(0);
  });

  test("close sends what is queued, and ends both sides", async () => {
    const [client, server] = await pair();
    // More than the kernel takes at once.
    const size = 8 * 1024 * 1024;
    server.transport.write("x".repeat(size));
    server.transport.close();
    server.transport.write("late");
    await client.untilEnd();
    expect(client.received).toHaveLength(size);
    await expect.poll(() => server.events.at(-1)).toBe("close");
    expect(server.closeError).toBeNull();

    const [idle, other] = await pair();
    other.transport.close();
    await idle.untilEnd();
    await expect.poll(() => other.events).toEqual(["close"]);
  });

  test("leaves no descriptor behind", async () => {
    const before = descriptors();
    const server = createServer({ allowHalfOpen: true });
    accept(server, (transport) => {
      const recorder = new Recorder(transport);
      recorder.onEnd = () => recorder.transport.end();
      recorder.transport.start(recorder);
      recorder.transport.write("hello");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const clients = await Promise.all(Array.from({ length: 20 }, () => RawClient.open(port)));
    await Promise.all(clients.map((client) => client.until((text) => text === "hello")));
    for (const client of clients) client.close();
    server.close();
    await expect.poll(descriptors).toBe(before);
  });
});
