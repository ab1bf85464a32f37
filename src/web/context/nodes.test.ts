/**
 * Contexts on each Node: `AsyncLocalStorage` was rebuilt in Node 24 (AsyncContextFrame in place of async hooks), and the two
 * differ where callbacks of one connection share what they run in. The built package is used, as users have it.
 */
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { findNodes } from "../../../test/support/nodes.ts";
import { runProcess } from "../../../test/support/process.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const nodes = await findNodes();

const program = `
  import { connect } from "node:net";
  import { setImmediate as turn } from "node:timers/promises";
  import { App, local } from "socle";
  import { isolate, Local } from "socle/context";
  import { g, request } from "socle/globals";
  import { HttpServer } from "socle/http";

  const wrong = [];
  const attributes = new Local();
  const value = local();

  // Contexts of plain functions.
  attributes.id = "outer";
  async function child(id) {
    await turn();
    if (attributes.id !== "outer") wrong.push("child began with " + attributes.id);
    attributes.id = id;
    await turn();
    if (attributes.id !== id) wrong.push(id + " became " + attributes.id);
  }
  await Promise.all(Array.from({ length: 500 }, (_, id) => child(id)));
  await Promise.all(Array.from({ length: 500 }, (_, id) => isolate(async () => {
    attributes.id = id;
    await turn();
    if (attributes.id !== id) wrong.push(id + " became " + attributes.id);
  })));
  if (attributes.id !== "outer") wrong.push("the outer context has " + attributes.id);

  // Requests, one after the other on kept connections and pipelined, which set values before their first await.
  let handled = 0;
  const app = new App();
  app.get("/<int:id>", async ({ params: { id } }) => {
    if ("id" in attributes || g.id !== undefined || value.has()) wrong.push("left over for " + request.path);
    attributes.id = g.id = id;
    value.set(id);
    if (id % 2 === 0) await turn();
    const seen = [attributes.id, g.id, value.get(), request.params.id];
    if (seen.some((each) => each !== id)) wrong.push(request.path + " saw " + seen);
    handled++;
    return "done";
  });
  const server = new HttpServer((exchange) => app.handleExchange(exchange));
  const { port } = await server.listen({ kind: "tcp", host: "127.0.0.1", port: 0 });
  const get = (id) => "GET /" + id + " HTTP/1.1\\r\\nhost: localhost\\r\\n\\r\\n";
  await Promise.all(Array.from({ length: 10 }, (_, c) => new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1").setEncoding("latin1");
    let text = "", sent = 0;
    const send = (n) => socket.write(Array.from({ length: n }, () => get(c * 100 + sent++)).join(""));
    socket.on("data", (more) => {
      text += more;
      const answered = text.split("done").length - 1;
      if (answered === 60) { socket.destroy(); resolve(); }
      else if (answered >= 20 && answered === sent) send(1);
    });
    send(20);
  })));
  await server.close();
  console.log(JSON.stringify({ handled, wrong: wrong.slice(0, 5) }));
`;

describe("contexts keep to themselves", () => {
  for (const node of nodes) {
    it.skipIf(node.missing !== undefined)(`on ${node.label}`, async () => {
      const { stdout, stderr } = await runProcess(node.path, ["--input-type=module", "--eval", program], {
        cwd: root,
      });
      expect(stderr).toBe("");
      expect(JSON.parse(stdout)).toEqual({ handled: 600, wrong: [] });
    });
  }
});
