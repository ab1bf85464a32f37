import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { App, Blueprint, defineConverter, json, type OpenApiDocument, openapi } from "../index.ts";

declare module "../path-converter.ts" {
  interface PathValues {
    openapislug: string;
  }
}

const info = { title: "Notes", version: "1" };

/** An operation as it stands in a document, read without its types. */
// biome-ignore lint/suspicious/noExplicitAny: a document is looked into, and expectations say what is there
type Loose = any;

function describeApp(fill: (app: App) => void, options: object = {}): OpenApiDocument & { paths: Loose } {
  const app = new App();
  fill(app);
  const document = openapi(app, { info, ...options });
  expect(breachesIn(document)).toEqual([]);
  return document;
}

/** What of the rules of OpenAPI 3.1 a document breaks that can be told without its JSON Schema. */
function breachesIn(document: OpenApiDocument): string[] {
  const breaches: string[] = [];
  const ids = new Set<string>();
  const shapes = new Set<string>();
  const resolve = (pointer: string): unknown =>
    pointer
      .slice(2)
      .split("/")
      .reduce((at: Loose, part) => at?.[part], document);
  for (const [path, item] of Object.entries(document.paths)) {
    if (!path.startsWith("/")) breaches.push(`${path} does not begin with /`);
    const shape = path.replaceAll(/\{[^}]*\}/g, "{}");
    if (shapes.has(shape)) breaches.push(`${path} is there twice`);
    shapes.add(shape);
    const names = [...path.matchAll(/\{([^}]*)\}/g)].map(([, name]) => name);
    for (const [method, operation] of Object.entries(item)) {
      const where = `${method} ${path}`;
      if (!/^(get|put|post|delete|options|head|patch|trace)$/.test(method))
        breaches.push(`${where}: no method`);
      if (ids.has(operation.operationId)) breaches.push(`${where}: ${operation.operationId} is there twice`);
      ids.add(operation.operationId);
      const parameters = operation.parameters ?? [];
      const inPath = parameters.filter((each) => each.in === "path");
      if (String(inPath.map(({ name }) => name)) !== String(names))
        breaches.push(`${where}: ${inPath.length} parameters`);
      if (inPath.some(({ required }) => required !== true))
        breaches.push(`${where}: a path parameter is optional`);
      const keys = parameters.map((each) => `${each.in} ${each.name}`);
      if (new Set(keys).size < keys.length) breaches.push(`${where}: a parameter is there twice`);
      if (Object.keys(operation.responses).length === 0) breaches.push(`${where}: no response`);
      for (const [status, response] of Object.entries(operation.responses)) {
        if (!/^[1-5]\d\d$/.test(status)) breaches.push(`${where}: the status ${status}`);
        if (!("$ref" in response) && response.description === undefined)
          breaches.push(`${where}: ${status} says nothing`);
      }
    }
  }
  for (const name of Object.keys(document.components.schemas)) {
    if (!/^[a-zA-Z0-9._-]+$/.test(name)) breaches.push(`the component ${name}`);
  }
  for (const [, pointer = ""] of JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)) {
    if (resolve(pointer) === undefined) breaches.push(`nothing is at ${pointer}`);
  }
  for (const word of ['"$defs"', '"$schema"']) {
    if (JSON.stringify(document).includes(word)) breaches.push(`${word} is left`);
  }
  return breaches;
}

describe("paths", () => {
  it("have the parameters that their converters describe", () => {
    defineConverter("openapislug", { pattern: /[a-z]+/ });
    const { paths } = describeApp((app) => {
      app.get("/a b/<int(min=1,max=9):n>/<any(asc,desc):order>", () => "");
      app.get("/u/<uuid:id>", () => "");
      app.get("/d/<date:day>/<openapislug:slug>", () => "");
      app.get("/files/<path:rest>", () => "");
    });
    const schemas = Object.entries(paths).map(([path, item]: Loose) => [
      path,
      ...item.get.parameters.map((each: Loose) => [each.name, each.schema]),
    ]);
    expect(schemas).toEqual([
      [
        "/a%20b/{n}/{order}",
        ["n", { type: "integer", minimum: 1, maximum: 9 }],
        ["order", { type: "string", enum: ["asc", "desc"] }],
      ],
      ["/u/{id}", ["id", { type: "string", format: "uuid" }]],
      [
        "/d/{day}/{slug}",
        ["day", { type: "string", format: "date" }],
        ["slug", { type: "string", pattern: "^(?:[a-z]+)$" }],
      ],
      ["/files/{rest}", ["rest", { type: "string", minLength: 1 }]],
    ]);
  });

  it("are two where the last parameter can be left out", () => {
    const { paths } = describeApp((app) => void app.get("/orders/<int:page>?", { name: "orders" }, () => ""));
    expect(Object.entries(paths).map(([path, item]: Loose) => [path, item.get.operationId])).toEqual([
      ["/orders", "orders"],
      ["/orders/{page}", "orders_2"],
    ]);
  });

  it("are one for routes that differ in names only, and in what OpenAPI has no words for", () => {
    const document = describeApp((app) => {
      app.get("/users/<int:id>", { name: "byId" }, () => "");
      app.get("/users/<string:name>", { name: "byName" }, () => "");
      app.delete("/users/<uuid:key>", { name: "remove" }, () => "");
      app.route("/x", { methods: ["GET", "PROPFIND", "POST"], name: "x" }, () => "");
      app.all("/any", () => "");
    });
    expect(Object.keys(document.paths)).toEqual(["/users/{id}", "/x", "/any"]);
    expect(document.paths["/users/{id}"].get.operationId).toBe("byId");
    expect(document.paths["/users/{id}"].delete.parameters[0]).toMatchObject({
      name: "id",
      schema: { format: "uuid" },
    });
    expect(Object.keys(document.paths["/any"])).toEqual(["get", "post", "put", "patch", "delete"]);
    expect(document["x-routes"]).toEqual({
      byId: "GET /users/<int:id>",
      byName: "GET /users/<string:name>",
      remove: "DELETE /users/<uuid:key>",
      x: "GET /x",
      x_post: "POST /x",
      get_any: "GET /any",
      post_any: "POST /any",
      put_any: "PUT /any",
      patch_any: "PATCH /any",
      delete_any: "DELETE /any",
    });
  });

  it("are those of blueprints, mounted apps and hosts as well, but not the hidden ones", () => {
    const inner = new App();
    inner.get("/deep/<int:id>", () => "");
    inner.mount("/again", inner);
    const admin = new Blueprint("/admin", { name: "admin" });
    admin.get("/users", { name: "users" }, () => "");
    const document = describeApp((app) => {
      app.get("/secret", { hidden: true }, () => "");
      app.get("/", { host: "<string:tenant>.example.com" }, () => "");
      app.register(admin);
      app.mount("/inner", inner);
      app.mount("/foreign", { fetch: () => new Response() });
    });
    expect(document["x-routes"]).toEqual({
      get: "GET //<string:tenant>.example.com/",
      "admin.users": "GET /admin/users",
      get_inner_deep_id: "GET /inner/deep/<int:id>",
    });
    expect(document.paths["/"].get.servers).toEqual([
      { url: "//{tenant}.example.com", variables: { tenant: { default: "tenant" } } },
    ]);
  });
});

describe("operations", () => {
  it("say what the options say", () => {
    const route = { summary: "Show", description: "At length.", tags: ["notes"], deprecated: true };
    const { paths } = describeApp(
      (app) => void app.get("/", { ...route, responses: { 404: "none" } }, () => ""),
    );
    expect(paths["/"].get).toEqual({
      operationId: "get",
      ...route,
      responses: { 200: { description: "OK" }, 404: { description: "none" } },
    });
  });

  it("have the names that clients call them by", () => {
    let api = {};
    const app = new App();
    const show = app.get("/a", { name: "other" }, () => "");
    app.get("/b", { name: "show" }, () => "");
    api = { show };
    expect(openapi(app, { info, api })["x-routes"]).toEqual({ show: "GET /a", show_2: "GET /b" });
  });

  it("describe what schemas take and give", () => {
    const Note = z.object({ id: z.number(), at: z.date() }).meta({ id: "Note", description: "a note" });
    const document = describeApp((app) => {
      app.post(
        "/notes/<int:id>",
        {
          params: z.object({ id: z.number().max(5) }),
          query: z.object({ page: z.coerce.number().describe("which").default(1), q: z.string() }),
          headers: z.object({ "x-key": z.string(), authorization: z.string() }),
          body: Note,
          response: z.array(Note),
          responses: { 404: "none", 201: "made", 422: "wrong" },
        },
        () => [],
      );
    });
    const { post } = document.paths["/notes/{id}"];
    expect(post.parameters).toEqual([
      { name: "id", in: "path", required: true, schema: { type: "number", minimum: 0, maximum: 5 } },
      {
        name: "page",
        in: "query",
        description: "which",
        schema: { type: "number", description: "which", default: 1 },
      },
      { name: "q", in: "query", required: true, schema: { type: "string" } },
      { name: "x-key", in: "header", required: true, schema: { type: "string" } },
    ]);
    const note = { $ref: "#/components/schemas/Note" };
    expect(post.requestBody).toEqual({ required: true, content: { "application/json": { schema: note } } });
    expect(post.responses).toEqual({
      201: {
        description: "made",
        content: { "application/json": { schema: { type: "array", items: note } } },
      },
      400: { $ref: "#/components/responses/BadRequest" },
      404: { description: "none" },
      415: { $ref: "#/components/responses/UnsupportedMediaType" },
      422: { description: "wrong" },
    });
    expect(document.components.schemas["Note"]).toEqual({
      type: "object",
      description: "a note",
      required: ["id", "at"],
      properties: { id: { type: "number" }, at: { type: "string", format: "date-time" } },
    });
    expect(document.components.responses?.["NotValid"]).toMatchObject({
      content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
    });
  });

  it("take forms, texts and schemas of every library", () => {
    const valibot = v.object({ a: v.pipe(v.string(), v.minLength(2)) });
    const { paths } = describeApp((app) => {
      app.post("/form", { form: type({ name: "string > 0" }) }, () => "");
      app.post("/valibot", { body: toStandardJsonSchema(valibot), response: z.string() }, () => "");
      app.post("/unknown", { body: valibot, query: valibot }, () => "");
    });
    const schema = {
      type: "object",
      properties: { name: { type: "string", minLength: 1 } },
      required: ["name"],
    };
    expect(paths["/form"].post.requestBody.content).toEqual({
      "application/x-www-form-urlencoded": { schema },
      "multipart/form-data": { schema },
    });
    expect(paths["/valibot"].post.requestBody.content["application/json"].schema).toMatchObject({
      properties: { a: { type: "string", minLength: 2 } },
    });
    expect(paths["/valibot"].post.responses["200"].content).toEqual({
      "text/plain": { schema: { type: "string" } },
    });
    expect(paths["/unknown"].post.requestBody.content["application/json"]).toEqual({ schema: {} });
    expect(paths["/unknown"].post.parameters).toEqual([
      { name: "query", in: "query", schema: { type: "object", additionalProperties: true } },
    ]);
  });

  it("keep schemas that refer to themselves, and those of the same name apart", () => {
    const Tree = z.object({
      name: z.string(),
      get children() {
        return z.array(Tree);
      },
    });
    const other = z.object({ b: z.number() }).meta({ id: "Other" });
    const document = describeApp((app) => {
      app.post("/tree", { body: Tree }, () => "");
      app.post("/again", { body: Tree }, () => "");
      app.post("/1", { body: z.array(other) }, () => "");
      app.post("/2", { body: type({ a: "string" }) }, () => "");
      app.post(
        "/3",
        { body: toStandardJsonSchema(v.object({ list: v.lazy(() => v.array(v.string())) })) },
        () => "",
      );
    });
    expect(document.paths["/tree"].post.requestBody.content["application/json"].schema).toEqual({
      $ref: "#/components/schemas/Schema",
    });
    expect(document.components.schemas["Schema"]).toMatchObject({
      properties: { children: { items: { $ref: "#/components/schemas/Schema" } } },
    });
    expect(Object.keys(document.components.schemas).filter((name) => name.startsWith("Schema"))).toEqual([
      "Schema",
    ]);
  });
});

describe("the document", () => {
  it("has what it was given", () => {
    const more = {
      servers: [{ url: "https://api.example.com" }],
      tags: [{ name: "notes" }],
      security: [{ token: [] }],
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
    };
    const document = describeApp((app) => void app.get("/", () => json(1)), more);
    expect(document).toMatchObject({
      openapi: "3.1.0",
      info,
      servers: more.servers,
      tags: more.tags,
      security: more.security,
    });
    expect(document.components.securitySchemes).toEqual(more.securitySchemes);
  });
});
