import { readFile } from "node:fs/promises";
import * as nodeModule from "node:module";
import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { serve } from "../../../test/http/serve.ts";
import { findBrowser } from "../../../test/support/browser.ts";
import { App, apiDocs, empty, HttpError, html, json, redirect } from "../index.ts";
import { type Client, ClientError, client } from "./index.ts";

const Note = z.object({ id: z.number(), title: z.string(), at: z.date().optional() });

function makeApp() {
  const app = new App({ logError: () => {} });
  const api = {
    show: app.get("/notes/<int:id>", ({ params }) => {
      if (params.id === 0) throw new HttpError(404, { msg: "no such note" });
      if (params.id === 1) throw new HttpError(410, "it is gone\n");
      if (params.id === 2) throw new Error("a bug");
      return { id: params.id, at: new Date(0), tags: ["a"] as const, none: undefined, big: new Map() };
    }),
    list: app.get(
      "/notes",
      {
        query: z.object({
          page: z.coerce.number().default(1),
          tag: z.array(z.string()).optional(),
          since: z.coerce.date().optional(),
        }),
        response: z.array(Note),
      },
      ({ valid }) => {
        const { page, tag = [], since } = valid.query;
        return tag.map((title, i) => ({
          id: page + i,
          title,
          ...(since === undefined ? {} : { at: since }),
        }));
      },
    ),
    create: app.post("/notes", { body: z.object({ title: z.string().min(1) }) }, ({ valid, headers }) =>
      json({ id: 1, title: valid.body.title, by: headers.get("x-by") }, { status: 201 }),
    ),
    login: app.post(
      "/login",
      { form: z.object({ name: z.string(), age: z.string().optional() }) },
      ({ valid }) => `Welcome, ${valid.form.name}`,
    ),
    file: app.get("/files/<any(raw,text):kind>/<path:name>", ({ params }) =>
      new TextEncoder().encode(`${params.kind} ${params.name}`),
    ),
    orders: app.get("/orders/<uuid:page>?", ({ params }) => [params.page ?? "all"]),
    remove: app.delete("/notes/<int:id>", () => empty()),
    page: app.get("/page", () => html("<p>")),
    moved: app.get("/moved", () => redirect("/page")),
    any: app.all("/any", async (request) => ({ method: request.method, text: await request.text() })),
    empty: app.get("/", () => ""),
    own: app.get("/own", { host: "<string:tenant>.localhost" }, ({ params }) => params.tenant),
  };
  app.register(apiDocs({ info: { title: "Notes", version: "1" }, api }));
  return { app, api };
}

type Api = ReturnType<typeof makeApp>["api"];

async function serveApi(): Promise<{ base: string; asked: string[]; api: Api }> {
  const { app, api } = makeApp();
  const asked: string[] = [];
  const { port } = await serve((exchange) => {
    asked.push(`${exchange.method} ${exchange.target}`);
    return app.handleExchange(exchange);
  });
  return { base: `http://127.0.0.1:${port}`, asked, api };
}

describe("a typed client", () => {
  it("calls routes by their names, and gives what they answer", async () => {
    const { base, asked } = await serveApi();
    const notes = client<Api>(base);
    const [shown, created] = await Promise.all([
      notes.show({ params: { id: 7 } }),
      notes.create({ json: { title: "milk" }, headers: { "x-by": "Ada" } }),
    ]);
    expect(shown).toEqual({ id: 7, at: "1970-01-01T00:00:00.000Z", tags: ["a"], big: {} });
    expect(created).toEqual({ id: 1, title: "milk", by: "Ada" });
    expect(asked.slice(0, 1)).toEqual(["GET /openapi.json"]);
    expect(asked.filter((each) => each.includes("openapi"))).toHaveLength(1);

    const since = new Date("2026-01-02");
    expect(await notes.list({ query: { page: 3, tag: ["x y", "&"], since } })).toEqual([
      { id: 3, title: "x y", at: since.toISOString() },
      { id: 4, title: "&", at: since.toISOString() },
    ]);
    expect(await notes.list()).toEqual([]);
    expect(await notes.login({ form: { name: "Ada Ö" } })).toBe("Welcome, Ada Ö");
    expect(new TextDecoder().decode(await notes.file({ params: { kind: "raw", name: "a b/ç?.txt" } }))).toBe(
      "raw a b/ç?.txt",
    );
    expect(await notes.orders()).toEqual(["all"]);
    const page = "0b0b0b0b-0000-4000-8000-000000000000";
    expect(await notes.orders({ params: { page } })).toEqual([page]);
    expect(await notes.remove({ params: { id: 7 } })).toBeUndefined();
    expect(await notes.page()).toBe("<p>");
    expect(await notes.moved()).toBe("<p>");
    expect(await notes.any()).toEqual({ method: "GET", text: "" });
    expect(await notes.empty()).toBe("");
    const response = await notes.page.response();
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/html;charset=UTF-8"]);
  });

  it("knows the types", () => {
    type Of<Name extends keyof Api> = Awaited<ReturnType<Client<Api>[Name]>>;
    expectTypeOf<Of<"show">["at"]>().toEqualTypeOf<string>();
    expectTypeOf<keyof Of<"show">>().toEqualTypeOf<"id" | "at" | "tags" | "none" | "big">();
    expectTypeOf<keyof Of<"show">["big"]>().toEqualTypeOf<"size">();
    expectTypeOf<Of<"show">["tags"]>().toEqualTypeOf<["a"]>();
    expectTypeOf<Of<"list">>().toEqualTypeOf<{ id: number; title: string; at?: string | undefined }[]>();
    expectTypeOf<Of<"create">>().toEqualTypeOf<{ id: number; title: string; by: string | null }>();
    expectTypeOf<Of<"login">>().toEqualTypeOf<string>();
    expectTypeOf<Of<"file">>().toEqualTypeOf<Uint8Array>();
    expectTypeOf<Of<"remove">>().toEqualTypeOf<unknown>();
    expectTypeOf<Of<"page">>().toEqualTypeOf<unknown>();
    expectTypeOf<Of<"any">>().toEqualTypeOf<{ method: string; text: string }>();
    const calls = (notes: Client<Api>): unknown => [
      // @ts-expect-error the parameter is missing
      () => notes.show(),
      // @ts-expect-error the parameter is none
      () => notes.show({ params: { id: "7" } }),
      // @ts-expect-error the parameter is another
      () => notes.show({ params: { key: 7 } }),
      // @ts-expect-error the body is missing
      () => notes.create(),
      // @ts-expect-error the body is another
      () => notes.create({ json: { name: "" } }),
      // @ts-expect-error no such choice
      () => notes.file({ params: { kind: "other", name: "x" } }),
      // @ts-expect-error no such query
      () => notes.list({ query: { pages: 1 } }),
      // @ts-expect-error no such route
      () => notes.nope(),
    ];
    expectTypeOf(calls).toBeFunction();
  });

  it("rejects what is answered with an error", async () => {
    const { base } = await serveApi();
    const notes = client<Api>(base);
    const caught = async (promise: Promise<unknown>): Promise<ClientError> => {
      const error: unknown = await promise.catch((error: unknown) => error);
      expect(error).toBeInstanceOf(ClientError);
      return error as ClientError;
    };
    const missing = await caught(notes.show({ params: { id: 0 } }));
    expect([missing.status, missing.body, missing.problem, missing.errors]).toEqual([
      404,
      { msg: "no such note" },
      undefined,
      [],
    ]);
    expect(missing.message).toBe("show was answered with 404");
    expect((await caught(notes.show({ params: { id: 1 } }))).message).toBe(
      "show was answered with 410: it is gone",
    );
    expect((await caught(notes.show({ params: { id: 2 } }))).status).toBe(500);
    const refused = await caught(notes.create({ json: { title: "" } }));
    expect(refused.message).toBe("create was answered with 422: the request has 1 error");
    expect(refused.errors).toMatchObject([{ in: "body", pointer: "/title" }]);
    expect(refused.problem?.title).toBe("Unprocessable Content");
    expect((await notes.show.response({ params: { id: 0 } })).status).toBe(404);
    // The types would not let these through.
    const loose = notes as unknown as Record<string, (options?: object) => Promise<unknown>>;
    await expect(loose["show"]?.()).rejects.toThrow(
      'the parameter "id" of /notes/<int:id> is undefined, and must be',
    );
    await expect(loose["file"]?.({ params: { kind: "raw", name: "a/../b" } })).rejects.toThrow(
      "which no path can have",
    );
    await expect(loose["nope"]?.()).rejects.toThrow('no route is named "nope"; there are: show, list');
    expect((notes as { then?: unknown }).then).toBeUndefined();
  });

  it("takes the routes as texts or as they are, and asks for no document then", async () => {
    const { base, asked, api } = await serveApi();
    const { show, any, own } = api;
    const few = { show, any, own };
    const texts = client<typeof few>(base, {
      routes: { show: "GET /notes/<int:id>", any: "ALL /any", own: "GET //<string:tenant>.localhost/own" },
    });
    expect(await texts.show({ params: { id: 7 } })).toMatchObject({ id: 7 });
    expect(await texts.any({ json: [1] })).toEqual({ method: "POST", text: "[1]" });
    const values = client(`${base}/`, { routes: few });
    expect(await values.show({ params: { id: 8 } })).toMatchObject({ id: 8 });
    expect(asked).toEqual(["GET /notes/7", "POST /any", "GET /notes/8"]);
    // @ts-expect-error the route is written otherwise
    client<typeof few>(base, { routes: { show: "GET /notes/<id>", any: "ALL /any", own: "" } });
    const urls: string[] = [];
    const elsewhere = client("https://example.com", {
      routes: few,
      fetch: async (url) => {
        urls.push(url);
        return new Response("acme");
      },
    });
    expect(await elsewhere.own({ params: { tenant: "acme" } })).toBe("acme");
    expect(urls).toEqual(["https://acme.localhost/own"]);
  });

  it("sends the headers and the settings that it is given", async () => {
    const { app, api } = makeApp();
    const seen: RequestInit[] = [];
    let asked = 0;
    const notes = client("http://localhost", {
      routes: api,
      headers: async () => ({ "x-by": `Ada ${++asked}` }),
      init: { credentials: "include", headers: { "x-other": "1" } },
      fetch: (url, init) => {
        seen.push(init);
        return app.fetch(new Request(url, init));
      },
    });
    expect(await notes.create({ json: { title: "a" } })).toMatchObject({ by: "Ada 1" });
    expect(await notes.create({ json: { title: "a" }, headers: { "x-by": "Bob" } })).toMatchObject({
      by: "Bob",
    });
    expect([asked, seen[0]?.credentials, new Headers(seen[0]?.headers).get("x-other")]).toEqual([
      2,
      "include",
      "1",
    ]);
    const { base } = await serveApi();
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(client<Api>(base).list({ signal })).rejects.toThrow("enough");
  });

  it("tries again to read the document where that has failed", async () => {
    const { app } = makeApp();
    let up = false;
    const notes = client<Api>("http://localhost", {
      document: "/openapi.json",
      fetch: (url, init) =>
        up ? app.fetch(new Request(url, init)) : Promise.resolve(new Response("", { status: 503 })),
    });
    await expect(notes.empty()).rejects.toThrow(
      "the routes are not at http://localhost/openapi.json (503): have the app register apiDocs",
    );
    up = true;
    expect(await notes.empty()).toBe("");
  });
});

const browser = await findBrowser();
const strip = nodeModule.stripTypeScriptTypes as typeof nodeModule.stripTypeScriptTypes | undefined;
const missing = browser.missing ?? (strip === undefined ? "this Node strips no types" : undefined);

describe.skipIf(missing !== undefined)(
  `the client in ${browser.label}${missing === undefined ? "" : `: ${missing}`}`,
  () => {
    it("runs in a page, with nothing of the server", async () => {
      const { app } = makeApp();
      const files: string[] = [];
      app.get("/page.html", () => html("<!doctype html><title>page</title>"));
      app.get("/src/<path:name>", async ({ params }) => {
        files.push(params.name);
        const code = strip!(await readFile(new URL(`../../${params.name}`, import.meta.url), "utf8"));
        return new Response(code, { headers: { "content-type": "text/javascript" } });
      });
      const { port } = await serve((exchange) => app.handleExchange(exchange));
      await using chromium = await browser.launch();
      const page = await chromium.newPage();
      await page.goto(`http://127.0.0.1:${port}/page.html`);
      const result = await page.evaluate(`(async () => {
      const { client } = await import("/src/web/client/index.ts");
      const notes = client("");
      const invalid = await notes.create({ json: { title: "" } }).catch((error) => error.errors[0].pointer);
      return [(await notes.show({ params: { id: 7 } })).id, invalid];
    })()`);
      expect(result).toEqual([7, "/title"]);
      expect(files.sort()).toEqual([
        "web/client/client-error.ts",
        "web/client/client.ts",
        "web/client/index.ts",
        "web/client/route-text.ts",
        "web/url-text.ts",
      ]);
    }, 60_000);
  },
);
