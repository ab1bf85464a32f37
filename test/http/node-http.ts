/** What `node:http`, whose parser is llhttp, makes of bytes that a client sends on one connection. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { RawClient, statuses } from "../support/raw-client.ts";

export interface NodeRequest {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  /** Of the header section as sent: name, value, … */
  readonly fields: readonly string[];
  /** As latin1; null where the message broke off or turned out wrong within it. */
  readonly body: string | null;
  readonly trailers: readonly string[];
}

export interface NodeReading {
  readonly requests: readonly NodeRequest[];
  /** Whether the bytes, or the last of them, were answered as what is no request. */
  readonly refused: boolean;
}

/** Starts a server, as Node has it by default, until the test ends; returns what reads bytes with it. */
export async function nodeReader(): Promise<(bytes: Uint8Array) => Promise<NodeReading>> {
  let requests: NodeRequest[] = [];
  let reading: Promise<void>[] = [];
  const read = async (request: IncomingMessage): Promise<void> => {
    const index = requests.push(asFarAs(request, null)) - 1;
    const pieces: Buffer[] = [];
    try {
      for await (const piece of request) pieces.push(piece);
      requests[index] = asFarAs(request, Buffer.concat(pieces).toString("latin1"));
    } catch {
      // It broke off.
    }
  };
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const done = read(request);
    reading.push(done);
    void done.then(() => response.end("ok"));
  });
  const always = (request: IncomingMessage): void => void reading.push(read(request));
  server.on("checkContinue", (request, response) => {
    always(request);
    response.writeContinue();
    request.on("end", () => response.end("ok"));
  });
  server.on("checkExpectation", (request, response) => {
    always(request);
    request.on("end", () => response.end("ok"));
  });
  server.on("connect", (request, socket) => {
    always(request);
    socket.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  onTestFinished(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  });
  return async (bytes) => {
    requests = [];
    reading = [];
    using client = await RawClient.open(port);
    await client.send(bytes).end().untilEnd();
    await Promise.all(reading);
    return { requests, refused: statuses(client.received).some((status) => status >= 400) };
  };
}

function asFarAs(request: IncomingMessage, body: string | null): NodeRequest {
  return {
    method: request.method ?? "",
    target: request.url ?? "",
    version: request.httpVersion,
    fields: request.rawHeaders,
    body,
    trailers: request.rawTrailers,
  };
}
