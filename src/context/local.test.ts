import { setImmediate as turn } from "node:timers/promises";
import { inspect } from "node:util";
import { describe, expect, expectTypeOf, it } from "vitest";
import { isolate, Local, LocalProxy, UnboundError } from "./index.ts";

interface User {
  name: string;
}

describe("a Local", () => {
  it("has attributes, which can be set, read, asked for and deleted", () => {
    isolate(() => {
      const local = new Local<{ user?: User; count: number }>();
      expect("user" in local).toBe(false);
      local.user = { name: "Ada" };
      local.count = 1;
      local.count += 1;
      expect([local.user.name, local.count, "user" in local]).toEqual(["Ada", 2, true]);
      delete local.user;
      expect([Object.keys(local), "user" in local]).toEqual([["count"], false]);
    });
  });

  it("fails when something is read or deleted that is not set", () => {
    const local = new Local<{ user?: User }>();
    expect(() => local.user).toThrow(
      new UnboundError(
        'nothing is set as user in this async context: set it first, or ask whether it is there, "user" in local',
      ),
    );
    expect(() => delete local.user).toThrow(UnboundError);
  });

  it("gives names with values when iterated, and spread", () => {
    isolate(() => {
      const local = new Local<{ a: number; b: string }>();
      expect([...local]).toEqual([]);
      local.a = 1;
      local.b = "x";
      expect([...local]).toEqual([
        ["a", 1],
        ["b", "x"],
      ]);
      expect({ ...local }).toEqual({ a: 1, b: "x" });
      expect(JSON.stringify({ ...local })).toBe('{"a":1,"b":"x"}');
      expect(inspect(local)).toBe("{ a: 1, b: 'x' }");
    });
  });

  it("is released in this context only", async () => {
    const local = new Local<{ a: number }>();
    const other = new Local<{ a: number }>();
    local.a = 1;
    other.a = 2;
    isolate(() => {
      local.release();
      local.release();
      expect([[...local], other.a]).toEqual([[], 2]);
    });
    expect(local.a).toBe(1);
    local.release();
    expect("a" in local).toBe(false);
    other.release();
  });

  it("takes any name as a name", () => {
    isolate(() => {
      const local = new Local<Record<string, unknown>>();
      for (const name of ["__proto__", "constructor", "toString", "name", "length", "prototype", "then"]) {
        expect(name in local).toBe(false);
        local[name] = `my ${name}`;
        expect([local[name], name in local]).toEqual([`my ${name}`, true]);
      }
      expect(({} as { my?: unknown }).my).toBeUndefined();
      expect([...local]).toHaveLength(7);
    });
  });

  it("keeps the name of its method to itself", () => {
    const local = new Local<Record<string, unknown>>();
    expect(() => {
      (local as { release: unknown }).release = 1;
    }).toThrow("a Local can have no attribute named release");
    expect(() => Object.defineProperty(local, "x", { value: 1 })).toThrow(TypeError);
    expect(() => Object.freeze(local)).toThrow(TypeError);
  });

  it("can be awaited, and is a Local", async () => {
    const local = new Local<{ a: number }>();
    expect((await local) === local).toBe(true);
    expect(local instanceof Local).toBe(true);
  });

  it("gives proxies for attributes", () => {
    isolate(() => {
      const local = new Local<{ user: User; numbers: number[]; count: number }>();
      const user = local("user");
      expect(() => user.name).toThrow(
        new UnboundError(
          'the proxy for "user" was used where no user is set: set it first, in the same async context',
        ),
      );
      local.user = { name: "Ada" };
      expect([user.name, user instanceof LocalProxy]).toEqual(["Ada", true]);
      isolate(() => {
        local.user = { name: "Bob" };
        expect(user.name).toBe("Bob");
      });
      user.name = "Eve";
      expect(local.user.name).toBe("Eve");
      local.release();
      expect(LocalProxy.isBound(user)).toBe(false);
      const login = local("user", { unboundMessage: "log in first" });
      expect(() => login.name).toThrow(new UnboundError("log in first"));
      local.numbers = [1];
      expect(Array.isArray(local("numbers", { as: "array" }))).toBe(true);
      expect(() => (local as unknown as () => unknown)()).toThrow("needs the name of an attribute");
    });
  });

  it("is typed by its attributes", () => {
    const local = new Local<{ user: User; maybe?: User; count: number }>();
    local.count = 1;
    expectTypeOf(local.count).toEqualTypeOf<number>();
    expectTypeOf(local("user")).toEqualTypeOf<User>();
    expectTypeOf(local("maybe")).toEqualTypeOf<User>();
    expectTypeOf([...local]).toEqualTypeOf<[name: string, value: User | number | undefined][]>();
    // @ts-expect-error there is no such attribute
    expect(() => local.other).toThrow(UnboundError);
    // @ts-expect-error a proxy can't stand for a number
    local("count");
  });
});

describe("contexts", () => {
  it("see what was set before they began, and keep what they set to themselves", async () => {
    const local = new Local<{ value: string }>();
    local.value = "parent";
    const seen: string[] = [];
    async function child(name: string): Promise<void> {
      await turn();
      seen.push(local.value);
      local.value = name;
      await turn();
      seen.push(local.value);
      await isolate(async () => {
        local.value = `child of ${name}`;
        await turn();
        seen.push(local.value);
      });
      seen.push(local.value);
    }
    await child("a");
    expect(local.value).toBe("parent");
    await child("b");
    expect(seen).toEqual(["parent", "a", "child of a", "a", "parent", "b", "child of b", "b"]);
    expect(local.value).toBe("parent");
    local.release();
  });

  it("do not see what is set elsewhere after they began", async () => {
    const local = new Local<{ value: number }>();
    local.value = 1;
    const later = turn().then(() => local.value);
    local.value = 2;
    expect([await later, local.value]).toEqual([1, 2]);
    local.release();
  });

  it("of thousands at once never see each other", async () => {
    const local = new Local<{ id: number; steps: readonly number[] }>();
    const wrong: number[] = [];
    async function work(id: number): Promise<void> {
      local.id = id;
      local.steps = [];
      for (let step = 0; step < 5; step++) {
        if (id % 3 === 0) await turn();
        else if (id % 3 === 1) await null;
        else await new Promise((resolve) => setTimeout(resolve, (id + step) % 4));
        if (local.id !== id || local.steps.length !== step) wrong.push(id);
        local.steps = [...local.steps, step];
      }
    }
    await Promise.all(Array.from({ length: 3000 }, (_, id) => isolate(() => work(id))));
    expect(wrong).toEqual([]);
    expect("id" in local).toBe(false);
  });
});

describe("isolate", () => {
  it("gives what the function gives, and lets through what it throws", async () => {
    expect(isolate(() => 1)).toBe(1);
    expect(await isolate(async () => 2)).toBe(2);
    const local = new Local<{ a: number }>();
    expect(() =>
      isolate(() => {
        local.a = 1;
        throw new RangeError("out");
      }),
    ).toThrow(RangeError);
    expect("a" in local).toBe(false);
  });

  it("keeps to itself what an async function sets before its first await", async () => {
    const local = new Local<{ a: number }>();
    async function set(a: number): Promise<number> {
      local.a = a;
      await turn();
      return local.a;
    }
    expect(await Promise.all([1, 2, 3].map((a) => isolate(() => set(a))))).toEqual([1, 2, 3]);
    expect("a" in local).toBe(false);
    // Without it that happens in the caller's context.
    expect(await set(4)).toBe(4);
    expect(local.a).toBe(4);
    local.release();
  });
});
