/** What the compiler knows of routes with schemas. */
import { type } from "arktype";
import * as v from "valibot";
import { describe, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { App, json, type NoSchemas, type Route, type RouteWithoutSchema } from "../index.ts";

describe("request.valid", () => {
  it("has the types of what the schemas give", () => {
    const app = new App();
    app.post(
      "/<int:id>",
      {
        body: z.object({ title: z.string(), tags: z.array(z.string()).default([]) }),
        query: v.object({ page: v.pipe(v.string(), v.transform(Number)) }),
        params: type({ id: "number > 0" }),
        headers: z.looseObject({ "x-key": z.string() }),
      },
      ({ valid, params }) => {
        expectTypeOf(valid.body).toEqualTypeOf<{ title: string; tags: string[] }>();
        expectTypeOf(valid.query).toEqualTypeOf<{ page: number }>();
        expectTypeOf(valid.params).toEqualTypeOf<{ id: number }>();
        expectTypeOf(valid.headers["x-key"]).toEqualTypeOf<string>();
        expectTypeOf(params.id).toEqualTypeOf<number>();
        // @ts-expect-error there is no schema for a form
        valid.form;
        return {};
      },
    );
    app.route("/form", { methods: ["POST"], form: z.object({ name: z.string() }) }, async ({ valid }) => {
      expectTypeOf(valid).toEqualTypeOf<{ readonly form: { name: string } }>();
      return valid.form.name;
    });
  });

  it("has nothing without schemas", () => {
    const app = new App();
    app.get("/", ({ valid }) => {
      expectTypeOf(valid).toEqualTypeOf<RouteWithoutSchema>();
      // @ts-expect-error Property 'body' does not exist on type 'RouteWithoutSchema'
      valid.body;
      return "";
    });
    app.get("/named", { name: "named" }, ({ valid }) => {
      expectTypeOf(valid).toEqualTypeOf<RouteWithoutSchema>();
      return "";
    });
    const route = app.get("/options", { name: "options" }, () => ({ a: 1 }));
    expectTypeOf(route).toEqualTypeOf<Route<"/options", "GET", { a: number }, undefined, NoSchemas>>();
  });

  it("does not let other options in", () => {
    // @ts-expect-error there is no option bdy
    new App().post("/", { bdy: z.object({}) }, () => "");
    // @ts-expect-error no schema
    const add = () => new App().post("/", { body: { type: "string" } }, () => "");
    expectTypeOf(add).toBeFunction();
  });
});

describe("a response schema", () => {
  const Note = z.object({ id: z.number(), at: z.iso.datetime().optional() });

  it("is what the handler must return, as it is or as JSON", () => {
    const app = new App();
    const show = app.get("/a", { response: Note }, () => ({ id: 1 }));
    expectTypeOf(show.handler).returns.toEqualTypeOf<{ id: number } | Promise<{ id: number }>>();
    app.get("/b", { response: Note }, async () => json({ id: 1 }, { status: 201 }));
    app.get("/c", { response: Note }, () => new Response());
    app.get("/d", { response: z.string() }, () => "text");
    // @ts-expect-error id is no number
    app.get("/e", { response: Note }, () => ({ id: "1" }));
    // @ts-expect-error id is missing
    app.get("/f", { response: Note }, async () => json({ title: "" }));
    // @ts-expect-error a text
    app.get("/g", { response: Note }, () => "text");
  });
});
