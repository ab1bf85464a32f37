/** `RequestBody.readWhole`: the way past promises and copies for a body that came with its head. */
import { expect, test } from "vitest";
import { serve } from "../../test/http/serve.ts";
import { until } from "../../test/support/until.ts";
import type { Exchange } from "./exchange.ts";

const post = (body: string, path = "/"): string =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

let calls = 0;

/** Answers with what could be read at once, and with what was left. */
async function both(exchange: Exchange): Promise<void> {
  const { body } = exchange;
  calls++;
  if (body === null) return exchange.respond(200, [], "no body");
  if (exchange.target === "/small") body.maxBytes = 3;
  const first = exchange.target === "/read-before" ? await body.read() : null;
  // Copied at once, being only lent.
  const lent = body.readWhole?.() ?? null;
  const whole = lent === null ? "null" : Buffer.from(lent).toString();
  const again = body.readWhole?.() ?? null;
  let rest: string;
  try {
    rest = Buffer.from(await body.bytes()).toString();
  } catch (error) {
    rest = String((error as { status?: number }).status);
  }
  exchange.respond(200, [], `${first === null ? "" : `${Buffer.from(first)},`}${whole},${again},${rest}`);
}

test.each([
  ["what has come whole", [post("hello")], "hello,null,"],
  [
    "null, and later all, for what comes in two pieces",
    [post("hello").slice(0, -2), "lo"],
    "null,null,hello",
  ],
  ["null for what is too large", [post("hello", "/small")], "null,null,413"],
  ["null once it was read from", [post("hello", "/read-before")], "hello,null,null,"],
  [
    "null for chunks, whose end has to be waited for",
    ["POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"],
    "null,null,hi",
  ],
])("readWhole gives %s", async (_, pieces, answer) => {
  const server = await serve(both);
  const client = await server.open();
  calls = 0;
  for (const piece of pieces) {
    client.send(piece);
    // The handler sees what has come before the rest is sent.
    await until(() => calls === 1);
  }
  await client.until((text) => text.endsWith(answer));
});

test("the next request on the connection is the next one, and the bytes of the one before may be gone", async () => {
  const seen: (Uint8Array | null)[] = [];
  const server = await serve((exchange) => {
    seen.push(exchange.body?.readWhole?.() ?? null);
    exchange.respond(200, [], Buffer.from(seen.at(-1) ?? []).toString());
  });
  const client = await server.open();
  client.send(post("first") + post("second"));
  await client.until((text) => text.includes("first") && text.endsWith("second"));
  client.send(post("3rd"));
  await client.until((text) => text.endsWith("3rd"));
  expect(seen).toHaveLength(3);
});
