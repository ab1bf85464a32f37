import { describe, expect, it } from "vitest";
import { serveApp } from "../../test/web/serve-app.ts";
import { MemoryExchange } from "../gateway/memory-exchange.ts";
import { App } from "./index.ts";

/** What a request says of its client. */
async function askFrom(remoteAddress: string | undefined): Promise<{ ip: string | null; ids: string[] }> {
  const app = new App();
  app.get("/", (request) => ({ ip: request.ip ?? null, ids: [request.id, request.id] }));
  const exchange = new MemoryExchange("/", {
    connection: { remoteAddress },
    headers: { "x-request-id": "x" },
  });
  await app.handleExchange(exchange);
  return JSON.parse(exchange.takeText());
}

describe("a request's client", () => {
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["2001:db8::1", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    [undefined, null],
  ])("at %s is %s", async (address, ip) => {
    expect((await askFrom(address)).ip).toBe(ip);
  });

  it("over a socket", async () => {
    const app = new App();
    app.get("/", ({ ip }) => `${ip}`);
    const { ask } = await serveApp(app);
    expect((await ask("GET /", { "x-forwarded-for": "192.0.2.1" })).body).toBe("127.0.0.1");
  });
});

it("a request has one id, and no other request has it", async () => {
  const ids = [...(await askFrom(undefined)).ids, ...(await askFrom(undefined)).ids];
  expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(ids[0]).toBe(ids[1]);
  expect(new Set(ids).size).toBe(2);
});
