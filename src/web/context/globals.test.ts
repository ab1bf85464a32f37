import { inspect } from "node:util";
import { describe, expect, expectTypeOf, it } from "vitest";
import { Local, LocalProxy, UnboundError } from "../../context/index.ts";
import { MemoryExchange } from "../../gateway/memory-exchange.ts";
import { currentApp, g, request } from "../globals.ts";
import { App, HttpError, local, Request } from "../index.ts";

async function ask(app: App, target: string): Promise<string> {
  const exchange = new MemoryExchange(target);
  await app.handleExchange(exchange);
  return exchange.takeText();
}

describe("in a request", () => {
  it("the globals are the request, the app and an object of the context's own", async () => {
    const app = new App();
    app.get("/users/<int:id>", (given) => {
      expect(LocalProxy.currentObject(request)).toBe(given);
      expect(LocalProxy.currentObject(currentApp)).toBe(app);
      expect(Object.keys(g)).toEqual([]);
      g["step"] = request.params["id"];
      return `${request.method} ${request.path} ${request.query.get("x")} ${g["step"]} ${currentApp.routes.length}`;
    });
    for (const id of [7, 8]) expect(await ask(app, `/users/${id}?x=1`)).toBe(`GET /users/${id} 1 ${id} 1`);
  });

  it("they go on in what the handler awaits, starts and streams", async () => {
    const app = new App();
    const later: string[] = [];
    app.get("/pieces/<x>", async function* () {
      g["pieces"] = 0;
      for (let i = 0; i < 3; i++) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        g["pieces"] = i;
        yield `${request.params["x"]}${g["pieces"]} `;
      }
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    app.get("/tasks/<x>", async () => {
      setTimeout(() => {
        later.push(request.path);
        resolve();
      }, 5);
      await null;
      return `${request.path}`;
    });
    expect(await Promise.all(["/pieces/a", "/tasks/b", "/pieces/c"].map((path) => ask(app, path)))).toEqual([
      "a0 a1 a2 ",
      "/tasks/b",
      "c0 c1 c2 ",
    ]);
    await promise;
    expect(later).toEqual(["/tasks/b"]);
  });

  it("methods of the request work on the global", async () => {
    const app = new App();
    app.post("/sum", async () => {
      const { numbers } = await request.json<{ numbers: number[] }>();
      return String(numbers.reduce((a, b) => a + b));
    });
    const exchange = new MemoryExchange("/sum", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"numbers":[1,2,3]}',
    });
    await app.handleExchange(exchange);
    expect(exchange.takeText()).toBe("6");
    expect(request instanceof LocalProxy).toBe(true);
  });

  it("they are there for the log of an error", async () => {
    const logged: unknown[] = [];
    const app = new App({ logError: (error) => logged.push([String(error), request.path]) });
    app.get("/sync", () => {
      throw new Error("one");
    });
    app.get("/async", async () => {
      await null;
      throw new Error("two");
    });
    app.get("/fine", () => {
      throw new HttpError(404);
    });
    expect([await ask(app, "/sync"), await ask(app, "/async"), await ask(app, "/fine")]).toEqual([
      "500 Internal Server Error",
      "500 Internal Server Error",
      "404 Not Found",
    ]);
    expect(logged).toEqual([
      ["Error: one", "/sync"],
      ["Error: two", "/async"],
    ]);
  });

  it("another app's are its own, by fetch, by mounting and by hand", async () => {
    const tenant = new Local<{ name: string }>();
    const inner = new App();
    inner.get("/in", async () => {
      expect(LocalProxy.currentObject(currentApp)).toBe(inner);
      expect([Object.keys(g), "name" in tenant]).toEqual([[], false]);
      g["who"] = "inner";
      tenant.name = "inner";
      await null;
      return `in ${request.path}`;
    });
    const outer = new App();
    outer.mount("/below", inner);
    outer.get("/out", async () => {
      g["who"] = "outer";
      tenant.name = "outer";
      const response = await inner.fetch(new globalThis.Request("http://localhost/in"));
      const byHand = inner.testContext("/hand", () => [request.path, Object.keys(g), tenant.name]);
      expect(byHand).toEqual(["/hand", [], "outer"]);
      expect(LocalProxy.currentObject(currentApp)).toBe(outer);
      return `${request.path} ${g["who"]} ${tenant.name}: ${await response.text()}`;
    });
    expect(await ask(outer, "/out")).toBe("/out outer outer: in /in");
    expect(await ask(outer, "/below/in")).toBe("in /in");
  });
});

describe("outside of a request", () => {
  it("the globals say what was used, why there is none, and what to do", () => {
    const why =
      "what runs here was not started by a handler (a module's top level, a timer or an event of the process).";
    expect(() => request.path).toThrow(
      new UnboundError(
        `request was used outside of a request: ${why} Pass the request as an argument, or run the code with a request of your own in app.testContext("/path", fn).`,
      ),
    );
    for (const [name, use] of [
      ["currentApp", () => currentApp.routes],
      ["g", () => g["x"]],
    ] as const) {
      expect(use).toThrow(
        new UnboundError(
          `${name} was used outside of a request: ${why} Pass what is needed as an argument, or run the code in app.context(fn), or with a request of your own in app.testContext("/path", fn).`,
        ),
      );
    }
    expect([request, currentApp, g].map((global) => LocalProxy.isBound(global))).toEqual([
      false,
      false,
      false,
    ]);
    expect(inspect(request)).toBe("<LocalProxy unbound>");
  });

  it("in app.context there is an app and an object, but no request", async () => {
    const app = new App();
    expect(app.context(() => LocalProxy.currentObject(currentApp))).toBe(app);
    const value = await app.context(async () => {
      g["x"] = 1;
      await null;
      expect(() => request.path).toThrow(
        /^request was used in an app\.context\(fn\), which has no request: Pass/,
      );
      return g["x"];
    });
    expect(value).toBe(1);
    app.context(() => expect(Object.keys(g)).toEqual([]));
    expect(LocalProxy.isBound(currentApp)).toBe(false);
  });

  it("a context in a context hides it, and goes when it ends, even by an error", () => {
    const [one, two] = [new App(), new App()];
    one.testContext("/one", () => {
      g["x"] = 1;
      two.context(() => {
        expect([LocalProxy.currentObject(currentApp) === two, LocalProxy.isBound(request)]).toEqual([
          true,
          false,
        ]);
      });
      expect(() =>
        one.testContext("/two", () => {
          expect([request.path, Object.keys(g)]).toEqual(["/two", []]);
          throw new RangeError("out");
        }),
      ).toThrow(RangeError);
      expect([request.path, g["x"]]).toEqual(["/one", 1]);
    });
  });
});

describe("app.testContext", () => {
  const app = new App();
  app.get("/users/<int:id>", () => "not called");
  app.mount("/below", new App());

  it("makes a request of a path, with the parameters of its route", () => {
    const seen = app.testContext("/users/7?x=1&x=2", () => [
      request.path,
      request.params,
      request.query.getAll("x"),
      request.method,
      request.url,
    ]);
    expect(seen).toEqual(["/users/7", { id: 7 }, ["1", "2"], "GET", "http://localhost/users/7?x=1&x=2"]);
  });

  it("takes method, headers and body, and gives the request as an argument", async () => {
    const options = {
      path: "https://example.com/users/7",
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: "[1]",
    };
    await app.testContext(options, async (given) => {
      expect(given).toBe(LocalProxy.currentObject(request));
      // PUT has no route here.
      expect([given.method, given.url, given.params]).toEqual(["PUT", "https://example.com/users/7", {}]);
      expect(await request.json()).toEqual([1]);
    });
  });

  it("takes paths that no route takes", () => {
    for (const path of ["/n%C3%B6/x", "/below/x"]) {
      const seen = app.testContext(`${path}?a=b`, () => [
        request.path,
        request.params,
        request.query.get("a"),
      ]);
      expect(seen).toEqual([decodeURI(path), {}, "b"]);
    }
  });

  it("refuses what no request can ask for", () => {
    expect(() => app.testContext("/a%2fb", () => 1)).toThrow("the path of the request is refused");
    expect(() => app.testContext("users", () => 1)).toThrow();
  });

  it("gives what the function gives, in its type", async () => {
    expectTypeOf(app.testContext("/", () => 1)).toEqualTypeOf<number>();
    expectTypeOf(app.context(async () => "x")).toEqualTypeOf<Promise<string>>();
    expect(await app.testContext("/x", async () => request.path)).toBe("/x");
  });
});

describe("the types", () => {
  it("are those of what the globals stand for", () => {
    expectTypeOf(request).toEqualTypeOf<Request>();
    expectTypeOf(currentApp).toEqualTypeOf<App>();
    expectTypeOf(g).toEqualTypeOf<Record<string, unknown>>();
    new App().testContext("/", () => expect(request instanceof Request).toBe(true));
  });
});

describe("local() with the globals", () => {
  it("finds the request by itself", async () => {
    const user = local<string>();
    const app = new App();
    app.get("/<name>", async ({ params }) => {
      user.set(params.name);
      await null;
      return `${user.get()} ${user.get(request)} ${user.has()} ${user.delete()} ${user.has()}`;
    });
    expect(await ask(app, "/ada")).toBe("ada ada true true false");
    expect(() => user.get()).toThrow(/^get\(\) of a local\(\) was used outside of a request: what runs here/);
    expect(() => user.set("x")).toThrow(/^set\(\) of a local\(\)/);
    expect(() => app.context(() => user.has())).toThrow(
      /^has\(\) of a local\(\) was used in an app\.context/,
    );
    expect(() => user.delete()).toThrow(UnboundError);
  });

  it("takes the global for the request that it stands for", () => {
    const user = local<string>();
    new App().testContext("/", (given) => {
      user.set(request, "ada");
      expect([user.get(given), user.has(request)]).toEqual(["ada", true]);
    });
  });
});
