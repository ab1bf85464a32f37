import { setTimeout } from "node:timers/promises";
import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { until } from "../../../test/support/until.ts";
import {
  App,
  HttpError,
  html,
  int,
  json,
  redirect,
  setCookie,
  sse,
  type TestAnswer,
  type TestClientOptions,
  UrlError,
  urlFor,
} from "../index.ts";

function logged(): { app: App; faults: unknown[] } {
  const faults: unknown[] = [];
  return { faults, app: new App({ logError: (error) => void faults.push(error) }) };
}

describe("a test's client", () => {
  it("sends requests through the whole app", async () => {
    const app = new App();
    app.before((request) => (request.query.has("stop") ? "stopped" : undefined));
    app.after((response) => void response.headers.set("x-after", "1"));
    app.get("/hello", (request) => ({
      host: request.headers.get("host"),
      ip: request.ip ?? null,
      url: request.url,
    }));
    const client = app.testClient({ origin: "https://example.com:8443", ip: "192.0.2.7" });
    const answer = await client.get("/hello?a=1", { query: { b: ["x y", 2], c: undefined } });
    expect([answer.status, answer.ok, answer.headers.get("x-after")]).toEqual([200, true, "1"]);
    expect(answer.headers.get("content-length")).toBe(String((await answer.clone().bytes()).byteLength));
    expect(await answer.json()).toEqual({
      host: "example.com:8443",
      ip: "192.0.2.7",
      url: "https://example.com:8443/hello?a=1&b=x+y&b=2",
    });
    expect((await client.head("/hello")).headers.get("content-type")).toBe("application/json");
    expect(await (await client.head("/hello")).text()).toBe("");
    expect((await client.delete("/hello")).status).toBe(405);
    expect((await client.get("/none")).status).toBe(404);
    expect((await client.request("PROPFIND", "/hello")).headers.get("allow")).toBe("GET, HEAD, OPTIONS");
    expect(await (await client.get("/hello", { query: { stop: true } })).text()).toBe("stopped");
    await expect(client.get("mailto:x")).rejects.toThrow('"mailto:x" is no URL: write a path');
  });

  it("sends each kind of body", async () => {
    const app = new App();
    app.post("/", async (request) => {
      const length = request.headers.get("content-length");
      return { type: request.mediaType, length, text: await request.text() };
    });
    app.post("/upload", async (request) => {
      const data = await request.formData();
      const files = data.getAll("file") as File[];
      return {
        name: data.get("name"),
        files: await Promise.all(files.map(async (f) => [f.name, f.type, await f.text()])),
      };
    });
    const client = app.testClient();
    const post = async (options: object): Promise<unknown> => (await client.post("/", options)).json();
    expect(await post({ json: { a: 1 } })).toEqual({
      type: "application/json",
      length: "7",
      text: '{"a":1}',
    });
    expect(await post({ form: { a: ["1", 2], b: "x&y" } })).toMatchObject({
      type: "application/x-www-form-urlencoded",
      text: "a=1&a=2&b=x%26y",
    });
    expect(await post({ body: "text" })).toMatchObject({ type: "text/plain", text: "text" });
    expect(await post({ body: new Uint8Array([65]), headers: { "content-type": "x/y" } })).toMatchObject({
      type: "x/y",
      text: "A",
    });
    async function* pieces(): AsyncGenerator<string> {
      yield "one ";
      yield "two";
    }
    expect(await post({ body: pieces() })).toEqual({ type: "", length: null, text: "one two" });
    await expect(post({ json: 1, body: "2" })).rejects.toThrow("a request has one body");

    const files = { file: [{ name: "a.txt", type: "text/plain", content: "A" }, new File(["B"], "b.bin")] };
    expect(await (await client.post("/upload", { form: { name: "Ada" }, files })).json()).toEqual({
      name: "Ada",
      files: [
        ["a.txt", "text/plain", "A"],
        ["b.bin", "application/octet-stream", "B"],
      ],
    });
  });

  it("takes routes, and knows what they take and answer", async () => {
    const app = new App();
    const Note = z.object({ id: z.number(), at: z.date() });
    const show = app.get("/notes/<int:id>", ({ params }) => ({ id: params.id, at: new Date(0) }));
    const add = app.post(
      "/notes",
      {
        body: z.object({ title: z.string() }),
        query: z.object({ draft: z.coerce.boolean().optional() }),
        response: Note,
      },
      ({ valid }) => json({ id: valid.body.title.length, at: new Date(0) }, { status: 201 }),
    );
    const page = app.get("/page", { host: "docs.example.com" }, () => html("<p>"));
    const client = app.testClient();

    const shown = await client.get(show, { params: { id: 7 } });
    expectTypeOf(shown).toEqualTypeOf<TestAnswer<{ id: number; at: string }>>();
    expect(await shown.json()).toEqual({ id: 7, at: "1970-01-01T00:00:00.000Z" });
    const added = await client.post(add, { json: { title: "milk" }, query: { draft: true } });
    const note = await added.json();
    expectTypeOf(note).toEqualTypeOf<{ id: number; at: string }>();
    expect([added.status, note.id]).toEqual([201, 4]);
    expect(await (await client.get(page)).text()).toBe("<p>");
    expect(await (await client.get(urlFor(show, { id: 1 }))).json()).toMatchObject({ id: 1 });
    // @ts-expect-error title is missing
    expect((await client.post(add, { json: {} })).status).toBe(422);
    // @ts-expect-error the parameter is missing
    await expect(client.get(show)).rejects.toThrow(UrlError);
    // @ts-expect-error the parameter is none
    await expect(client.get(show, { params: { id: "x" } })).rejects.toThrow(UrlError);
    await expect(client.get(add, { json: { title: "" } })).rejects.toThrow(
      "the route POST /notes does not take GET",
    );
  });
});

describe("cookies", () => {
  const app = new App();
  app.get("/cookies", (request) => Object.fromEntries(request.cookies));
  app.get("/below/cookies", (request) => Object.fromEntries(request.cookies));
  app.get("/below/set/cookies", (request) => Object.fromEntries(request.cookies));
  app.get("/count", (request) => {
    const count = request.cookies.get("__Host-count", { type: int, default: 0 }) + 1;
    return setCookie(json({ count }), "__Host-count", String(count));
  });
  const set = app.get("/below/set/<name>", (request) => {
    const line = request.query.get("line") ?? "";
    return new Response("", { headers: { "set-cookie": `${request.params.name}=1${line}` } });
  });

  it("are kept and sent", async () => {
    const client = app.testClient();
    const other = app.testClient();
    expect(await (await client.get("/count")).json()).toEqual({ count: 1 });
    expect(await (await client.get("/count")).json()).toEqual({ count: 2 });
    expect(await (await other.get("/count")).json()).toEqual({ count: 1 });
    expect([client.cookies.get("__Host-count"), client.cookies.names]).toEqual(["2", ["__Host-count"]]);
    client.cookies.set("theme", "dark");
    expect(await (await client.get("/cookies", { headers: { cookie: "a=b" } })).json()).toEqual({
      a: "b",
      "__Host-count": "2",
      theme: "dark",
    });
    client.cookies.delete("theme");
    client.cookies.clear();
    expect(await (await client.get("/cookies")).json()).toEqual({});
  });

  it.for([
    // what the line has, whether /below/set/x, /below/cookies and /cookies get the cookie
    ["", true, false, false],
    ["; Path=/", true, true, true],
    ["; Path=x", true, false, false],
    ["; Path=/below/", true, true, false],
    ["; Path=/below", true, true, false],
    ["; Path=/bel", false, false, false],
    ["; Path=/; Max-Age=0", false, false, false],
    ["; Path=/; Max-Age=-1", false, false, false],
    ["; Path=/; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", true, true, true],
    ["; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT", false, false, false],
    ["; Path=/; Secure", false, false, false],
    ["; domain=example.com; path=/", true, true, true],
    ["; Domain=.Example.com; Path=/", true, true, true],
    ["; Domain=other.example.com; Path=/", false, false, false],
    ["; Domain=ample.com; Path=/", false, false, false],
  ] as const)("go where they are for: %s", async ([line, ...sent]) => {
    const client = app.testClient({ origin: "http://www.example.com" });
    await client.get(set, { params: { name: "x" }, query: { line } });
    const seen: boolean[] = [];
    for (const path of ["/below/set/cookies", "/below/cookies", "/cookies"]) {
      seen.push("x" in ((await (await client.get(path)).json()) as object));
    }
    expect(seen).toEqual(sent);
  });

  it.for(["__Host-x", "__Secure-x"])("need what the prefix %s promises", async (name) => {
    const client = app.testClient({ origin: "https://www.example.com" });
    await client.get(set, { params: { name }, query: { line: "; Path=/" } });
    expect(client.cookies.names).toEqual([]);
    await client.get(set, { params: { name }, query: { line: "; Path=/; Secure" } });
    expect(client.cookies.names).toEqual([name]);
    expect(await (await client.get("http://www.example.com/cookies")).json()).toEqual({});
    expect(await (await client.get("/cookies")).json()).toEqual({ [name]: "1" });
  });

  it("of a domain go to the hosts below it", async () => {
    const client = app.testClient({ origin: "http://www.example.com" });
    await client.get(set, { params: { name: "all" }, query: { line: "; Domain=example.com; Path=/" } });
    await client.get(set, { params: { name: "own" }, query: { line: "; Path=/" } });
    expect(await (await client.get("http://api.example.com/cookies")).json()).toEqual({ all: "1" });
    expect(await (await client.get("http://notexample.com/cookies")).json()).toEqual({});
  });
});

describe("redirects", () => {
  const app = new App();
  app.post("/login", () => setCookie(redirect("/home"), "user", "Ada"));
  app.get("/home", (request) => `${request.method} ${request.cookies.get("user")} ${request.mediaType}`);
  app.post("/moved", () => redirect("/target", 307));
  app.post("/target", async (request) => `target ${await request.text()}`);
  app.get("/away", () => redirect("https://other.example.com/"));
  app.get("/loop", () => redirect("/loop"));

  it("are shown, or followed as browsers do", async () => {
    const client = app.testClient();
    const shown = await client.post("/login", { form: { a: 1 } });
    expect([shown.status, shown.headers.get("location")]).toEqual([303, "/home"]);
    const followed = await client.post("/login", { form: { a: 1 }, followRedirects: true });
    expect([followed.target, await followed.text()]).toEqual(["/home", "GET Ada "]);
    const following = app.testClient({ followRedirects: true });
    expect(await (await following.post("/moved", { body: "x" })).text()).toBe("target x");
    expect((await following.get("/away")).status).toBe(303);
    expect((await following.get("/loop")).status).toBe(303);
    expect((await following.get("/loop", { followRedirects: false })).status).toBe(303);
  });
});

describe("faults", () => {
  function faulty(options?: TestClientOptions): [ReturnType<App["testClient"]>, unknown[]] {
    const { app, faults } = logged();
    app.get("/sync", () => {
      throw new RangeError("sync");
    });
    app.get("/async", async () => {
      throw new RangeError("async");
    });
    app.get("/http", () => {
      throw new HttpError(503);
    });
    app.get("/stream", async function* () {
      yield "one";
      await new Promise(setImmediate);
      throw new RangeError("stream");
    });
    const outer = new App({ compression: true });
    outer.mount("/inner", app);
    outer.before(() => undefined);
    return [outer.testClient(options), faults];
  }

  it("are thrown, and not logged", async () => {
    const [client, faults] = faulty();
    await expect(client.get("/inner/sync")).rejects.toThrow(new RangeError("sync"));
    await expect(client.get("/inner/async")).rejects.toThrow(new RangeError("async"));
    const stream = await client.get("/inner/stream");
    await expect(stream.text()).rejects.toThrow(new RangeError("stream"));
    expect(faults).toEqual([]);
    expect((await client.get("/inner/http")).status).toBe(503);
    expect(faults).toHaveLength(1);
  });

  it("are what any client would get of them, where the test wants that", async () => {
    const [client, faults] = faulty({ raiseErrors: false });
    const answer = await client.get("/inner/sync");
    expect([answer.status, await answer.text()]).toEqual([500, "500 Internal Server Error"]);
    await expect((await client.get("/inner/stream")).text()).rejects.toThrow(
      "the application has cut the answer off",
    );
    expect(faults.map(String)).toEqual(["RangeError: sync", "RangeError: stream"]);
  });

  it("of other applications are thrown too", async () => {
    const { app } = logged();
    app.handleExchange = () => Promise.reject(new RangeError("whole"));
    await expect(app.testClient().get("/")).rejects.toThrow("whole");
  });
});

describe("streams", () => {
  it("are read as they come, and given up", async () => {
    const app = new App();
    let left = false;
    app.get("/events", () =>
      sse(async function* ({ signal }) {
        signal.addEventListener("abort", () => {
          left = true;
        });
        for (let n = 1; ; n++) {
          yield { data: String(n) };
          await setTimeout(1);
        }
      }),
    );
    const client = app.testClient();
    const answer = await client.get("/events");
    let text = "";
    for await (const piece of answer.textStream()) {
      text += piece;
      if (text.includes("data: 3")) break;
    }
    await until(() => left);

    left = false;
    const stopping = new AbortController();
    await client.get("/events", { signal: stopping.signal });
    stopping.abort();
    await until(() => left);
    await expect(client.get("/events", { signal: stopping.signal })).rejects.toThrow("aborted");

    left = false;
    await client.get("/events");
    await client.close();
    await until(() => left);
  });

  it("hold a handler that is faster than the reader", async () => {
    const app = new App();
    let made = 0;
    app.get("/", async function* () {
      for (; made < 100; made++) yield new Uint8Array(16 * 1024);
    });
    const client = app.testClient();
    const answer = await client.get("/");
    await new Promise(setImmediate);
    expect(made).toBeLessThan(10);
    expect((await answer.bytes()).byteLength).toBe(100 * 16 * 1024);
  });
});

describe("starting and stopping", () => {
  it("is done once for all clients of an app", async () => {
    const app = new App();
    const calls: string[] = [];
    app.onStart(() => void calls.push("start"));
    app.onStop(() => void calls.push("stop"));
    app.get("/", () => "");
    {
      await using first = app.testClient();
      await using second = app.testClient();
      await Promise.all([first.get("/"), second.get("/"), second.get("/")]);
      expect(calls).toEqual(["start"]);
    }
    expect(calls).toEqual(["start", "stop"]);
    await app.testClient().close();
    expect(calls).toEqual(["start", "stop"]);
  });

  it("fails the request where the app can't start", async () => {
    const app = new App();
    app.onStart(() => Promise.reject(new Error("no database")));
    await expect(app.testClient().get("/")).rejects.toThrow("no database");
  });
});
