/** Requests to routes with schemas, over a socket. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { serve } from "../../../test/http/serve.ts";
import { MemoryExchange } from "../../gateway/memory-exchange.ts";
import { App, type AppOptions, HttpError, json, type Problem, ValidationError } from "../index.ts";

type Ask = (target: string, init?: RequestInit) => Promise<Response>;

async function listen(app: App): Promise<Ask> {
  const { port } = await serve((exchange) => app.handleExchange(exchange));
  return (target, init) => fetch(`http://127.0.0.1:${port}${target}`, init);
}

function sent(data: unknown, init: RequestInit = {}): RequestInit {
  const body = typeof data === "string" ? data : JSON.stringify(data);
  return { method: "POST", headers: { "content-type": "application/json" }, body, ...init };
}

const urlEncoded = { "content-type": "application/x-www-form-urlencoded" };

/** Each library's schema for `{ title: text of 1 to 5 letters, count: number }`. */
const noteSchemas: Record<string, StandardSchemaV1<unknown, { title: string; count: number }>> = {
  zod: z.object({ title: z.string().min(1).max(5), count: z.number() }),
  Valibot: v.object({ title: v.pipe(v.string(), v.minLength(1), v.maxLength(5)), count: v.number() }),
  ArkType: type({ title: "1 <= string <= 5", count: "number" }),
};

describe.for(Object.entries(noteSchemas))("a body's schema of %s", ([, body]) => {
  it("gives what it makes of the body, and answers 422 with every field that it doesn't take", async () => {
    const app = new App();
    app.post("/notes", { body }, ({ valid }) => [valid.body.title, valid.body.count]);
    const ask = await listen(app);

    expect(await (await ask("/notes", sent({ title: "milk", count: 2 }))).json()).toEqual(["milk", 2]);

    const refused = await ask("/notes", sent({ title: "too long", count: "2" }));
    expect(refused.status).toBe(422);
    expect(refused.headers.get("content-type")).toBe("application/problem+json");
    const problem = (await refused.json()) as Problem;
    expect(problem).toMatchObject({ type: "about:blank", title: "Unprocessable Content", status: 422 });
    expect(problem.detail).toBe("the request has 2 errors");
    expect(problem.errors?.map((error) => [error.in, error.pointer]).sort()).toEqual([
      ["body", "/count"],
      ["body", "/title"],
    ]);
    expect(problem.errors?.every(({ detail }) => detail.length > 5)).toBe(true);

    const whole = (await (await ask("/notes", sent("7"))).json()) as Problem;
    expect(whole.errors?.map(({ pointer }) => pointer)).toEqual([""]);
  });

  it("does not let __proto__ in", async () => {
    const app = new App();
    app.post("/", { body }, ({ valid }) => {
      const proto = Object.getPrototypeOf(valid.body) as object | null;
      const isAdmin = (valid.body as { isAdmin?: unknown }).isAdmin ?? null;
      return { plain: proto === null || proto === Object.prototype, isAdmin };
    });
    const ask = await listen(app);
    const attack =
      '{"title":"a","count":1,"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}}';
    expect(await (await ask("/", sent(attack))).json()).toEqual({ plain: true, isAdmin: null });
    expect(({} as { isAdmin?: unknown }).isAdmin).toBeUndefined();
  });
});

describe("a body that can't be read", () => {
  const app = new App();
  app.post("/", { body: z.object({}) }, () => "fine");
  it.for([
    ["another type", { method: "POST", body: "a=1", headers: urlEncoded }, 415, "JSON is expected here"],
    ["no type", { method: "POST" }, 415, "no content-type"],
    ["no JSON", sent('{"a": }'), 400, 'the body is not JSON: "a": expected a JSON value at line 1, column 7'],
  ] as const)("is refused: %s", async ([, init, status, text]) => {
    const answer = await (await listen(app))("/", init);
    expect([answer.status, await answer.text()]).toEqual([status, expect.stringContaining(text)]);
  });
});

describe("all parts", () => {
  const app = new App();
  const schemas = {
    params: z.object({ id: z.number().max(10) }),
    query: z.object({
      page: z.coerce.number().int().min(1).default(1),
      tags: z.array(z.string()).default([]),
    }),
    headers: z.object({ "x-key": z.string().length(3) }),
    body: z.object({ title: z.string() }),
  };
  app.post("/notes/<int:id>", { name: "add", ...schemas }, ({ valid }) => valid);

  it("are there as their schemas give them", async () => {
    const ask = await listen(app);
    const init = sent({ title: "milk" });
    const headers = { ...init.headers, "X-Key": "abc" };
    const answer = await ask("/notes/7?page=2&tags=a&__proto__=x", { ...init, headers });
    expect(await answer.json()).toEqual({
      params: { id: 7 },
      query: { page: 2, tags: ["a"] },
      headers: { "x-key": "abc" },
      body: { title: "milk" },
    });
  });

  it("are all named when they are wrong", async () => {
    const ask = await listen(app);
    const answer = await ask("/notes/11?page=0", sent({ title: 1 }));
    expect(answer.status).toBe(422);
    const { errors } = (await answer.json()) as Problem;
    expect(errors?.map((error) => `${error.in}${error.pointer}`)).toEqual([
      "params/id",
      "query/page",
      "headers/x-key",
      "body/title",
    ]);
  });
});

describe("a form's schema", () => {
  const form = z.object({ name: z.string().min(1), colour: z.array(z.string()), size: z.coerce.number() });
  const app = new App();
  app.post("/", { form }, ({ valid }) => valid.form);

  it("takes the fields as texts, and lists as lists", async () => {
    const ask = await listen(app);
    const send = (body: string): Promise<Response> => ask("/", { method: "POST", headers: urlEncoded, body });
    expect(await (await send("name=Ada&colour=red&colour=blue&size=7")).json()).toEqual({
      name: "Ada",
      colour: ["red", "blue"],
      size: 7,
    });
    expect(await (await send("name=Ada&colour=red&size=7")).json()).toMatchObject({ colour: ["red"] });
    const { errors } = (await (await send("name=&size=x&__proto__=1")).json()) as Problem;
    expect(errors?.map((error) => error.in + error.pointer)).toEqual([
      "form/name",
      "form/colour",
      "form/size",
    ]);
    expect((await ask("/", sent({}))).status).toBe(415);
  });
});

describe("checks", () => {
  it("are done at once where the schema checks at once, and are waited for where it doesn't", async () => {
    const app = new App();
    app.get("/now", { query: z.object({ a: z.string() }) }, ({ valid }) => valid.query.a);
    const free = z.string().refine(async (name) => {
      await new Promise(setImmediate);
      return name !== "taken";
    }, "is taken");
    app.get("/later", { query: z.object({ name: free }) }, ({ valid }) => valid.query.name);
    const now = new MemoryExchange("/now?a=1");
    expect(app.handleExchange(now)).toBeUndefined();
    expect(now.takeText()).toBe("1");

    const ask = await listen(app);
    expect(await (await ask("/later?name=new")).text()).toBe("new");
    const { errors } = (await (await ask("/later?name=taken")).json()) as Problem;
    expect(errors).toEqual([{ in: "query", pointer: "/name", detail: "is taken" }]);
  });

  it("list no more than 100 errors, whatever is sent", async () => {
    const app = new App();
    app.post("/", { body: z.array(z.number()) }, () => "");
    const answer = await (await listen(app))("/", sent(Array.from({ length: 5000 }, () => "x")));
    const problem = (await answer.json()) as Problem;
    expect(problem.detail).toBe("the request has 5000 errors, of which the first 100 are listed");
    expect(problem.errors).toHaveLength(100);
  });

  it("write pointers as RFC 6901 says", async () => {
    const app = new App();
    app.post("/", { body: z.object({ "a/b~c": z.tuple([z.string()]) }) }, () => "");
    const answer = await (await listen(app))("/", sent({ "a/b~c": [1] }));
    expect(((await answer.json()) as Problem).errors?.[0]?.pointer).toBe("/a~1b~0c/0");
  });

  it("are answered by the app's own handler where it has one", async () => {
    const app = new App();
    app.post("/", { form: z.object({ name: z.string().min(1, "is empty") }) }, () => "");
    app.onError(ValidationError, (error) =>
      error.errors.map((each) => `${each.pointer} ${each.detail}`).join(),
    );
    const answer = await (await listen(app))("/", { method: "POST", headers: urlEncoded, body: "name=" });
    expect([answer.status, await answer.text()]).toEqual([422, "/name is empty"]);
  });

  it("keep the handler's name, and leave its errors alone", async () => {
    const app = new App();
    const route = app.get("/", { query: z.object({}) }, function teapot() {
      throw new HttpError(418);
    });
    expect(route.handler.name).toBe("teapot");
    expect((await (await listen(app))("/")).status).toBe(418);
  });

  it("leave nothing in request.valid without a schema", async () => {
    const app = new App();
    app.get("/", (request) => {
      expect(() => request.valid).toThrow("nothing of this request was checked: give its route a schema");
      return "fine";
    });
    expect(await (await (await listen(app))("/")).text()).toBe("fine");
  });
});

describe("a response's schema", () => {
  const secret = { id: "not a number", hash: "s3cret" } as unknown as { id: number };
  async function answersOf(options: AppOptions): Promise<[Ask, unknown[]]> {
    const faults: unknown[] = [];
    const app = new App({ ...options, logError: (error) => void faults.push(error) });
    const response = z.object({ id: z.number() });
    app.get("/wrong", { response }, () => secret);
    app.get("/right", { response }, async () => ({ id: 1, more: true }));
    app.get("/response", { response }, () => json({ id: 2 }, { status: 201 }));
    return [await listen(app), faults];
  }

  it("is checked where the app says so", async () => {
    const [ask, faults] = await answersOf({ validateResponses: true });
    const wrong = await ask("/wrong");
    expect([wrong.status, await wrong.text()]).toEqual([500, "500 Internal Server Error"]);
    expect(faults.map(String)).toEqual([
      expect.stringContaining("the handler returned what its response schema doesn't take: /id: "),
    ]);
    expect(await (await ask("/right")).json()).toEqual({ id: 1, more: true });
    expect((await ask("/response")).status).toBe(201);
  });

  it("is not checked otherwise", async () => {
    const [ask, faults] = await answersOf({});
    expect(await (await ask("/wrong")).json()).toEqual(secret);
    expect(faults).toEqual([]);
  });
});

describe("adding a route", () => {
  const schema = z.object({});
  it.for([
    ["no schema", { body: {} }, 'the route "/" has no schema for its body'],
    ["null", { query: null }, 'the route "/" has no schema for its query'],
    ["body and form", { body: schema, form: schema }, "a request has one or the other"],
  ] as const)("fails for %s", ([, options, message]) => {
    expect(() => new App().post("/", options as object, () => "")).toThrow(message);
  });

  it("fails for the body of a GET", () => {
    expect(() => new App().get("/", { body: schema }, () => "")).toThrow(
      'the route "/" has a schema for a body, and GET requests have none',
    );
  });
});
