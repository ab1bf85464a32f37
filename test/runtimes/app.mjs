/** The app that runs on every runtime. What a test must wait for it can ask for, or release, by another request. */
import { App, HttpError, Response } from "socle";

const app = new App();
export default app;

app.get("/users/<int:id>", ({ params, query }) => ({ id: params.id, q: query.getAll("q") }));
app.post("/json", async (request) => ({ got: await request.json() }));
app.get("/text", () => "grüße");
app.get("/bytes", () => new Uint8Array([0, 255, 10]));
app.delete("/thing", () => new Response(null, { status: 204 }));
app.get(
  "/cookies",
  () =>
    new Response("two", {
      headers: [
        ["set-cookie", "a=1; Path=/"],
        ["set-cookie", "b=2"],
      ],
    }),
);
app.get("/teapot", () => {
  throw new HttpError(418, { msg: "short and stout" }, { headers: { "x-pot": "tea" } });
});
app.get("/fault", () => {
  throw new Error("secret");
});
app.post("/size", async (request) => ({ size: (await request.bytes()).length }));
app.get("/url", (request) => request.url.replace(/:\d+/, ""));

let release = () => {};
app.get("/events", () => {
  const released = new Promise((resolve) => {
    release = resolve;
  });
  const events = async function* () {
    yield "data: 1\n\n";
    await released;
    yield "data: 2\n\n";
  };
  return new Response(events(), { headers: { "content-type": "text/event-stream" } });
});
app.get("/half", () => {
  const released = new Promise((resolve) => {
    release = resolve;
  });
  return (async function* () {
    yield "begun";
    await released;
    throw new Error("secret");
  })();
});
app.post("/release", () => {
  release();
  return "released";
});

/** How many requests have come that wait for their client to leave, and how many clients have left. */
const seen = { waiting: 0, left: 0, broken: 0 };
app.get("/endless", async function* () {
  try {
    for (;;) {
      yield "x".repeat(10_000);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  } finally {
    seen.left++;
  }
});
app.get("/silent", (request) => {
  seen.waiting++;
  return new Promise((resolve) => {
    request.signal.addEventListener("abort", () => {
      seen.left++;
      resolve("too late");
    });
  });
});
app.post("/upload", async (request) => {
  seen.waiting++;
  try {
    return `${(await request.bytes()).length}`;
  } catch (error) {
    seen.broken++;
    throw error;
  }
});
app.get("/seen", () => seen);

/** Sends each piece back as it comes. */
app.post("/mirror", async function* (request) {
  for await (const piece of request.body) yield piece;
});

const inner = new App();
inner.get("/users/<name>", ({ params, path }) => ({ name: params.name, path }));
app.mount("/inner", inner);
app.mount("/exchange", {
  handleExchange(exchange) {
    const { target, mountPath, authority, connection } = exchange;
    const remoteAddress = connection.remoteAddress?.replace("::ffff:", "");
    const host = authority.replace(/:\d+/, "");
    const body = JSON.stringify({ target, mountPath, host, remoteAddress, port: connection.remotePort > 0 });
    exchange.respond(200, ["content-type", "application/json"], body);
  },
});
