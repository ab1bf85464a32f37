/** A server for one test, on a free port of the loopback. */
import { onTestFinished } from "vitest";
import type { ExchangeHandler } from "../../src/http/exchange.ts";
import { HttpServer, type HttpServerOptions } from "../../src/http/server.ts";
import { RawClient } from "../support/raw-client.ts";

export interface TestServer {
  readonly port: number;
  readonly server: HttpServer;
  /** What handlers threw. */
  readonly errors: unknown[];
  /** A client that is closed with the test. */
  open(): Promise<RawClient>;
}

/** Serves a handler until the test ends. */
export async function serve(handler: ExchangeHandler, options: HttpServerOptions = {}): Promise<TestServer> {
  const errors: unknown[] = [];
  const server = new HttpServer(handler, { onError: (error) => errors.push(error), ...options });
  const address = await server.listen({ kind: "tcp", host: "127.0.0.1", port: 0 });
  onTestFinished(async () => {
    await server.close({ deadline: 0 });
  });
  if (address.kind !== "tcp") throw new Error("not a TCP address");
  const { port } = address;
  return {
    port,
    server,
    errors,
    async open() {
      const client = await RawClient.open(port);
      onTestFinished(() => client.close());
      return client;
    },
  };
}
