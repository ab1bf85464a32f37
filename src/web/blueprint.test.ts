import { describe, expect, expectTypeOf, it } from "vitest";
import { MemoryExchange } from "../gateway/memory-exchange.ts";
import { App, Blueprint, HttpError, type ParamsOf, type Route, urlFor } from "./index.ts";

async function answer(app: App, target: string): Promise<string> {
  const exchange = new MemoryExchange(target);
  await app.handleExchange(exchange);
  return `${exchange.responseStatus} ${exchange.takeText()}`;
}

describe("a blueprint", () => {
  it("puts its prefix before its paths, whenever they are added", async () => {
    const notes = new Blueprint("/notes");
    notes.get("", () => "all");
    const show = notes.get("/<int:id>", ({ params }) => `note ${params.id + 1}`);
    const app = new App();
    app.register(notes);
    const late = notes.get("/<int:id>/late", ({ path }) => path);
    expect([
      await answer(app, "/notes"),
      await answer(app, "/notes/6"),
      await answer(app, "/notes/6/late"),
    ]).toEqual(["200 all", "200 note 7", "200 /notes/6/late"]);
    expect(await answer(app, "/6")).toBe("404 404 Not Found");
    expect(app.routes.map(String)).toEqual(["GET /notes", "GET /notes/<int:id>", "GET /notes/<int:id>/late"]);
    expect([urlFor(show, { id: 7 }), urlFor(late, { id: 8 })]).toEqual(["/notes/7", "/notes/8/late"]);
  });

  it("has the parameters of its prefix in its handlers' types", async () => {
    const posts = new Blueprint("/users/<int:user>/posts");
    const show = posts.get("/<uuid:post>", ({ params }) => {
      expectTypeOf(params).toEqualTypeOf<{ readonly user: number; readonly post: string }>();
      return params;
    });
    expectTypeOf(show).toExtend<Route<"/users/<int:user>/posts/<uuid:post>", "GET">>();
    expectTypeOf<ParamsOf<typeof show>>().toEqualTypeOf<{ readonly user: number; readonly post: string }>();
    const app = new App();
    app.register(posts);
    const post = "00000000-0000-4000-8000-000000000000";
    expect(await answer(app, urlFor(show, { user: 3, post }))).toBe(`200 {"user":3,"post":"${post}"}`);
  });

  it("stands in others, in whatever order they are put together", async () => {
    for (const order of ["inside out", "outside in"]) {
      const app = new App();
      const api = new Blueprint("/api", { name: "api" });
      const v1 = new Blueprint("/v1", { name: "v1" });
      const plain = new Blueprint();
      const show = plain.get("/notes/<int:id>", { name: "note" }, ({ params }) => String(params.id));
      v1.get("/", () => "v1");
      const steps = [() => v1.register(plain), () => api.register(v1), () => app.register(api)];
      for (const step of order === "inside out" ? steps : steps.toReversed()) step();
      expect([await answer(app, "/api/v1/"), await answer(app, "/api/v1/notes/3")]).toEqual([
        "200 v1",
        "200 3",
      ]);
      expect([show.path, show.name, urlFor(show, { id: 3 })]).toEqual([
        "/api/v1/notes/<int:id>",
        "api.v1.note",
        "/api/v1/notes/3",
      ]);
      expect(app.urlFor("api.v1.note", { id: 4 })).toBe("/api/v1/notes/4");
    }
  });

  it("has a host's routes too", async () => {
    const part = new Blueprint("/part");
    const route = part.get(
      "/<x>",
      { host: "<string:tenant>.example.com" },
      ({ params }) => `${params.tenant} ${params.x}`,
    );
    const outer = new Blueprint("/outer");
    outer.register(part);
    const app = new App();
    app.register(outer);
    const exchange = new MemoryExchange("http://acme.example.com/outer/part/y");
    await app.handleExchange(exchange);
    expect(exchange.takeText()).toBe("acme y");
    expect([route.host, route.scope]).toEqual(["<string:tenant>.example.com", part]);
  });

  it("is refused where it can't be", () => {
    const [app, part] = [new App(), new Blueprint("/part")];
    app.register(part);
    expect(() => app.register(part)).toThrow(
      'the blueprint "/part" is in an app or blueprint already: make another one, by a function',
    );
    expect(() => new Blueprint("/part/")).toThrow(
      'the prefix of a blueprint has no slash at its end, and "/part/" has',
    );
    expect(() => new Blueprint("part")).toThrow("part");
    const [a, b] = [new Blueprint("/a"), new Blueprint("/b")];
    a.register(b);
    expect(() => b.register(a)).toThrow('the blueprint "/a" can\'t be put into itself');
    const users = new Blueprint("/users/<int:id>");
    expect(() => users.register(new Blueprint("/posts"))).toThrow(
      /its handlers' types would not know.*Make it with the whole prefix, "\/users\/<int:id>\/posts"/,
    );
    // What conflicts says which routes do.
    app.get("/x/y", () => "");
    const x = new Blueprint("/x");
    x.get("/y", () => "");
    expect(() => app.register(x)).toThrow(/GET \/x\/y/);
  });
});

describe("error handlers", () => {
  class StorageError extends Error {}
  class FullError extends StorageError {}
  const logged: unknown[] = [];

  function appWith(thrown: unknown): { app: App; part: Blueprint<"/part"> } {
    logged.length = 0;
    const app = new App({ logError: (error) => void logged.push(error) });
    const part = new Blueprint("/part");
    const fail = (): never => {
      throw thrown;
    };
    app.get("/", fail);
    part.get("/", fail);
    part.get("/later", async () => fail());
    app.register(part);
    return { app, part };
  }

  it("answer by class, the closest first, with the status of the error", async () => {
    const full = new FullError("disk");
    const { app } = appWith(full);
    app.onError(Error, () => "any error");
    app.onError(StorageError, (error, { path }) => {
      expectTypeOf(error).toEqualTypeOf<StorageError>();
      return { storage: error.message, path };
    });
    expect(await answer(app, "/part/later")).toBe('500 {"storage":"disk","path":"/part/later"}');
    app.onError(FullError, async () => new HttpErrorResponse(507));
    expect(await answer(app, "/")).toBe("507 507");
    expect(logged).toEqual([full, full]);
  });

  it("answer by status, for what no route takes as well", async () => {
    const { app } = appWith(new HttpError(409, { msg: "conflict" }));
    app.onError(HttpError, (error) => `class ${error.status}`);
    app.onError(404, (_, { path }) => ({ missing: path }));
    expect(await answer(app, "/elsewhere")).toBe('404 {"missing":"/elsewhere"}');
    expect(await answer(app, "/part/")).toBe("409 class 409");
    const exchange = new MemoryExchange("/", { method: "PUT" });
    await app.handleExchange(exchange);
    expect([exchange.takeText(), exchange.responseHeader("allow")]).toEqual([
      "class 405",
      "GET, HEAD, OPTIONS",
    ]);
    expect(await answer(app, "/a%2fb")).toBe("400 class 400");
    expect(logged).toEqual([]);
  });

  it("of a blueprint come before the app's", async () => {
    const { app, part } = appWith(new HttpError(404, "mine"));
    app.onError(404, () => "app 404");
    part.onError(HttpError, (error) => `part ${error.body}`);
    expect([await answer(app, "/"), await answer(app, "/part/")]).toEqual(["404 app 404", "404 part mine"]);
    expect(await answer(app, "/part/none")).toBe("404 app 404");
  });

  it("for 500 come last, and get whatever was thrown", async () => {
    const { app } = appWith("not even an error");
    app.onError(Error, () => "an Error");
    app.onError(500, (error) => `500 for ${error}`);
    expect(await answer(app, "/")).toBe("500 500 for not even an error");
    expect(logged).toEqual(["not even an error"]);
  });

  it("that fail tell nothing, and are logged", async () => {
    const { app } = appWith(new RangeError("first"));
    app.onError(RangeError, () => {
      throw new TypeError("second");
    });
    app.onError(TypeError, () => "never: a handler's own errors are not handled again");
    expect(await answer(app, "/")).toBe("500 500 Internal Server Error");
    expect(logged).toEqual([new RangeError("first"), new TypeError("second")]);
    const { app: other } = appWith(new RangeError("first"));
    other.onError(RangeError, () => {
      throw new HttpError(503, "later");
    });
    expect(await answer(other, "/")).toBe("503 later");
  });

  it("see the errors of hooks", async () => {
    const { app, part } = appWith(undefined);
    part.before(() => {
      throw new StorageError("hook");
    });
    part.onError(StorageError, (error) => `handled ${error.message}`);
    app.after((response) => response.headers.set("x-after", "yes"));
    const exchange = new MemoryExchange("/part/");
    await app.handleExchange(exchange);
    expect([exchange.takeText(), exchange.responseHeader("x-after")]).toEqual(["handled hook", "yes"]);
  });

  it("are refused twice, and for what no error is", () => {
    const app = new App();
    app.onError(404, () => "");
    app.onError(StorageError, () => "");
    expect(() => app.onError(404, () => "")).toThrow("there is an error handler for 404 already");
    expect(() => app.onError(StorageError, () => "")).toThrow(
      "there is an error handler for StorageError already",
    );
    expect(() => app.onError(200, () => "")).toThrow(
      "an error's status is an integer from 400 to 599, not 200",
    );
    expect(() => app.onError("404" as never, () => "")).toThrow(
      "errors are handled by status (404) or by class",
    );
    expect(() => app.onError(410, 1 as never)).toThrow("the error handler for 410 is no function");
  });
});

class HttpErrorResponse extends globalThis.Response {
  constructor(status: number) {
    super(String(status), { status });
  }
}
