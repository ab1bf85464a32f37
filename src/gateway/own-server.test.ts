/** Which servers are an exported application's own. Whole modules under `socle serve`: test/e2e/own-servers.test.ts. */
import * as http from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { installFrameworks } from "../../test/support/frameworks.ts";
import { until } from "../../test/support/until.ts";
import { CapturedServers } from "./node/captured-servers.ts";
import { OwnServers } from "./own-server.ts";

const require = createRequire(new URL("../../examples/frameworks/package.json", import.meta.url));
const trouble = await installFrameworks();
const missing = trouble === "" ? "" : ` (skipped: ${trouble})`;

/** A class of servers of this test's own, so that no other server is taken hold of. */
function capture(): { Server: typeof http.Server; own: OwnServers } {
  class Server extends http.Server {}
  const servers = new CapturedServers(null);
  servers.replaceIn(Server.prototype);
  const own = new OwnServers(servers);
  onTestFinished(() => own.stop());
  return { Server: Server as typeof http.Server, own };
}

/** A port that is free, most likely: only what is not left out binds it. */
async function freePort(): Promise<number> {
  const server = http.createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}`).then(
    () => true,
    () => false,
  );
}

describe.skipIf(missing !== "")(`@hono/node-server${missing}`, () => {
  type Fetch = (request: Request) => Response;
  const load = (): { serve: (options: object) => http.Server } => require("@hono/node-server");

  test("its server is left out where a fetch application is exported, and any other is not", async () => {
    const { Server, own } = capture();
    const createServer = (_: object, listener: http.RequestListener) => new Server(listener);
    const [port, other] = [await freePort(), await freePort()];
    const app = { fetch: (() => new Response("app")) satisfies Fetch };
    const overrideGlobalObjects = false;
    const { serve } = load();
    serve({ ...app, port, hostname: "127.0.0.1", createServer, overrideGlobalObjects });
    const metrics = new Server((_, response) => response.end("metrics")).listen(other, "127.0.0.1");
    onTestFinished(() => void metrics.close());
    expect(await own.settle(app)).toEqual([`listen(${port})`]);
    await until(() => answers(other));
    expect(await answers(port)).toBe(false);
  });

  test("its server listens where something else is exported", async () => {
    const { Server, own } = capture();
    const createServer = (_: object, listener: http.RequestListener) => new Server(listener);
    const port = await freePort();
    const overrideGlobalObjects = false;
    const fetch: Fetch = () => new Response("x");
    const server = load().serve({ fetch, port, hostname: "127.0.0.1", createServer, overrideGlobalObjects });
    onTestFinished(() => void server.close());
    expect(
      await own.settle((_: http.IncomingMessage, response: http.ServerResponse) => void response.end()),
    ).toEqual([]);
    await until(() => answers(port));
  });
});
