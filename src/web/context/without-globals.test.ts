/** Without `socle/globals`: this file must not import it, nor make a `Local`. */
import { AsyncLocalStorage } from "node:async_hooks";
import { afterEach, describe, expect, expectTypeOf, it, vi } from "vitest";
import { contextsInUse } from "../../context/context-variable.ts";
import { UnboundError } from "../../context/index.ts";
import { MemoryExchange } from "../../gateway/memory-exchange.ts";
import { App, local, type Request, type RequestLocal } from "../index.ts";

async function ask(app: App, target: string): Promise<string> {
  const exchange = new MemoryExchange(target);
  await app.handleExchange(exchange);
  return exchange.takeText();
}

afterEach(() => vi.restoreAllMocks());

describe("an app without the globals", () => {
  it("enters no context for a request", async () => {
    const run = vi.spyOn(AsyncLocalStorage.prototype, "run");
    const enterWith = vi.spyOn(AsyncLocalStorage.prototype, "enterWith");
    const user = local<string>();
    const app = new App();
    app.get("/<x>", async (request) => {
      user.set(request, request.params.x);
      await null;
      return user.get(request);
    });
    expect([await ask(app, "/a"), await ask(app, "/b")]).toEqual(["a", "b"]);
    expect(contextsInUse).toBe(false);
    expect([run, enterWith].map((spy) => spy.mock.calls.length)).toEqual([0, 0]);
    app.context(() => 1);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it("is told what it needs for local() without a request", async () => {
    const errors: unknown[] = [];
    const user = local<string>();
    const app = new App({ logError: (error) => errors.push(error) });
    app.get("/", () => user.get());
    expect(await ask(app, "/")).toBe("500 Internal Server Error");
    expect(errors).toEqual([
      new UnboundError(
        'get() of a local() was used outside of a request: no module imports "socle/globals", so requests enter no context. Pass the request as an argument, or run the code with a request of your own in app.testContext("/path", fn).',
      ),
    ]);
    app.testContext("/", () => {
      user.set("x");
      expect(user.get()).toBe("x");
    });
  });
});

describe("local()", () => {
  it("keeps a value for each request", () => {
    const app = new App();
    const [user, other] = [local<{ name: string }>(), local<{ name: string }>()];
    app.testContext("/", (one) => {
      app.testContext("/", (two) => {
        user.set(one, { name: "Ada" });
        user.set(two, { name: "Bob" });
        expect([user.get(one).name, user.get(two).name, other.has(one)]).toEqual(["Ada", "Bob", false]);
        expect([user.delete(one), user.delete(one), user.has(one), user.has(two)]).toEqual([
          true,
          false,
          false,
          true,
        ]);
      });
    });
  });

  it("fails when it is read before it was set", () => {
    new App().testContext("/", (request) => {
      expect(() => local<string>().get(request)).toThrow(
        new UnboundError(
          "a value of local() was read before it was set for this request: set it first, ask has(request), or give local() a function that makes it",
        ),
      );
    });
  });

  it("makes a value when it is first read, if it is told how", () => {
    const app = new App();
    let made = 0;
    const path = local((request) => ({ path: request.path, number: ++made }));
    app.testContext("/a", (request) => {
      expect(path.has(request)).toBe(false);
      expect(path.get(request)).toEqual({ path: "/a", number: 1 });
      expect(path.get(request)).toBe(path.get(request));
    });
    app.testContext("/b", () => expect(path.get()).toEqual({ path: "/b", number: 2 }));
  });

  it("keeps undefined as a value", () => {
    new App().testContext("/", (request) => {
      const maybe = local<string | undefined>(() => "initial");
      maybe.set(request, undefined);
      expect([maybe.get(request), maybe.has(request)]).toEqual([undefined, true]);
    });
  });

  it("is typed by its value, and takes requests of any route", () => {
    const user = local<{ name: string }>();
    expectTypeOf(user).toEqualTypeOf<RequestLocal<{ name: string }>>();
    expectTypeOf(user.get).returns.toEqualTypeOf<{ name: string }>();
    expectTypeOf(local((request) => request.path)).toEqualTypeOf<RequestLocal<string>>();
    expectTypeOf<Request<{ readonly id: Date }>>().toExtend<Parameters<typeof user.has>[0]>();
    new App().testContext("/", (request) => {
      // @ts-expect-error a number is no user
      user.set(request, 1);
    });
  });
});
