/** Streams out, streams in, and server-sent events. */
import { once } from "node:events";
import { connect } from "node:net";
import { ask, converse } from "../cases.mjs";

export function makeApp({ use, watch }) {
  const { Hono } = use("hono");
  const { stream, streamText, streamSSE, SSEStreamingApi } = use("hono/streaming");
  const app = new Hono();
  const gone = [];

  app.get("/stream", (c) => {
    c.header("content-type", "application/octet-stream");
    return stream(c, async (out) => {
      watch("StreamingApi", out);
      await out.write(new Uint8Array([104, 105, 32]));
      await out.pipe(new Blob(["piped "]).stream());
      await out.writeln("line");
      await out.sleep(1);
      await out.write(`${out.aborted} ${out.closed}`);
      await out.close();
    });
  });
  app.get("/text", (c) =>
    streamText(c, async (out) => {
      for (const word of ["one", "two"]) await out.writeln(word);
    }),
  );
  app.get("/events", (c) =>
    streamSSE(c, async (out) => {
      watch("StreamingApi", out);
      await out.writeSSE({
        event: "first",
        id: "1",
        retry: 10,
        data: `${out instanceof SSEStreamingApi} ${out.aborted} ${out.closed} ${out.writable?.locked}`,
      });
      await out.sleep(1);
      await out.writeSSE({ data: "two\nlines" });
    }),
  );
  app.get("/events-own", (c) => {
    const { readable, writable } = new TransformStream();
    const api = new SSEStreamingApi(writable, readable);
    api.writeSSE({ data: "own" }).then(() => api.close());
    return c.body(api.responseReadable, 200, { "content-type": "text/event-stream" });
  });
  app.get("/fails", (c) =>
    stream(
      c,
      async (out) => {
        await out.write("before ");
        throw new Error("half-way");
      },
      async (error, out) => void (await out.write(`handled: ${error.message}`)),
    ),
  );
  app.get("/endless", (c) =>
    streamText(c, async (out) => {
      out.onAbort(() => gone.push("onAbort"));
      c.req.raw.signal.addEventListener("abort", () => gone.push("signal"));
      while (!out.aborted) {
        await out.write("more\n");
        await out.sleep(5);
      }
      out.abort();
    }),
  );
  app.get("/gone", (c) => c.json(gone.sort()));
  app.post("/echo", (c) => c.body(c.req.raw.body));
  app.post("/upper", (c) => {
    const upper = new TransformStream({
      transform: (piece, controller) =>
        controller.enqueue(new TextEncoder().encode(new TextDecoder().decode(piece).toUpperCase())),
    });
    return c.body(c.req.raw.body.pipeThrough(upper));
  });
  app.post("/count", async (c) => {
    let bytes = 0;
    for await (const piece of c.req.raw.body) bytes += piece.length;
    return c.json({ bytes });
  });
  return app;
}

const large = "0123456789".repeat(20_000);

export const cases = [
  ask("GET /stream", 200, "hi piped line\nfalse false"),
  ask("HEAD /stream", 200, ""),
  ask("GET /text", 200, "one\ntwo\n", { "x-content-type-options": "nosniff" }),
  ask(
    "GET /events",
    200,
    "event: first\ndata: true false false true\nid: 1\nretry: 10\n\ndata: two\ndata: lines\n\n",
    {
      "content-type": /^text\/event-stream/,
    },
  ),
  ask("GET /events-own", 200, "data: own\n\n"),
  ask("GET /fails", 200, "before handled: half-way"),
  ask("POST /echo", { body: large }, 200, large),
  ask("POST /echo?pieces", { body: ["a", "b", large] }, 200, `ab${large}`),
  ask("POST /upper", { body: ["one ", "two"] }, 200, "ONE TWO"),
  ask("POST /count", { body: large }, 200, { bytes: 200_000 }),
  converse(
    "an endless stream is told that its client has gone",
    async (port) => {
      const socket = connect(port, "127.0.0.1");
      socket.write("GET /streaming/endless HTTP/1.1\r\nHost: localhost\r\n\r\n");
      await once(socket, "data");
      socket.destroy();
      for (;;) {
        const gone = await (await fetch(`http://127.0.0.1:${port}/streaming/gone`)).json();
        if (gone.length === 2) return gone;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    ["onAbort", "signal"],
  ),
];
