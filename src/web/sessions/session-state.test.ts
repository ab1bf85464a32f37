import fc from "fast-check";
import { afterEach, describe, expect, expectTypeOf, it, vi } from "vitest";
import { Session, stateOf } from "./session.ts";
import { nowInSeconds, readSession, SessionState } from "./session-state.ts";

declare module "./session.ts" {
  interface SessionData {
    testUser: { readonly name: string };
  }
}

const times = { maxAge: 1000, lifetime: 5000 };

function emptySession(): Session {
  return new Session(new SessionState());
}

/** What is written of a session, read again. */
function reread(session: Session, options = times): Session {
  const text = stateOf(session).write(nowInSeconds(), options);
  const state = readSession(text ?? "", options);
  if (state === undefined) throw new Error(`not read: ${text}`);
  return new Session(state);
}

/** JSON's values without -0, which JSON writes as 0. */
const json = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);

afterEach(() => {
  vi.useRealTimers();
});

describe("a session's values", () => {
  it("come back as they were set, whatever JSON they are, under whatever key", () => {
    const key = fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "toString", "0", ""));
    fc.assert(
      fc.property(fc.array(fc.tuple(key, json)), (entries) => {
        const session = emptySession();
        for (const [key, value] of entries) session.set(key, value);
        const read = reread(session);
        expect(Object.fromEntries(read)).toEqual(Object.fromEntries(session));
        expect(new Set(read.keys())).toEqual(new Set(session.keys()));
        expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
      }),
    );
  });

  it("pollute no prototype", () => {
    const session = emptySession();
    session.set("__proto__", JSON.parse('{"polluted":1,"__proto__":{"polluted":2}}'));
    const read = reread(session);
    expect([read.has("__proto__"), read.has("toString"), read.get("polluted")]).toEqual([
      true,
      false,
      undefined,
    ]);
    expect(JSON.stringify(read.get("__proto__"))).toBe('{"polluted":1,"__proto__":{"polluted":2}}');
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("are refused where they would come back as something else", () => {
    class Point {
      x = 1;
    }
    const loop: unknown[] = [];
    loop.push(loop);
    const wrong: [value: unknown, message: string][] = [
      [undefined, `the session's "a" can't be undefined: use session.delete("a")`],
      [1n, `the session's "a" can't be a bigint: JSON has no form for it`],
      [Number.NaN, `the session's "a" can't be NaN: null would come back`],
      [() => 1, `the session's "a" can't be a function: JSON has no form for it`],
      [Symbol("x"), `the session's "a" can't be a symbol: JSON has no form for it`],
      [new Date(0), `the session's "a" can't be a Date: a text would come back: keep date.getTime()`],
      [
        { b: [1, new Map()] },
        `the session's "a.b[1]" can't be a Map: keep a plain object, or what it can be made of again`,
      ],
      [
        new Point(),
        `the session's "a" can't be a Point: keep a plain object, or what it can be made of again`,
      ],
      [[undefined], `the session's "a[0]" can't be undefined: JSON has no form for it`],
      [
        Buffer.from("x"),
        `the session's "a" can't be a Buffer: keep a plain object, or what it can be made of again`,
      ],
    ];
    for (const [value, message] of wrong)
      expect(() => emptySession().set("a", value)).toThrow(new TypeError(message));
    expect(() => emptySession().set("a", loop)).toThrow(/an object in itself/);
    const deep: unknown = JSON.parse("[".repeat(5000) + "]".repeat(5000));
    expect(() => emptySession().set("a", deep)).toThrow(/too deep/);
    emptySession().set("a", { b: undefined, c: Object.create(null) });
  });

  it("have the types that are declared for them", () => {
    const session = emptySession();
    expectTypeOf(session.get("testUser")).toEqualTypeOf<{ readonly name: string } | undefined>();
    expectTypeOf(session.get("another")).toEqualTypeOf<unknown>();
    session.set("testUser", { name: "Ada" }).set("another", 1);
    // @ts-expect-error a user has a name
    session.set("testUser", { nam: "Ada" });
  });
});

describe("what is written", () => {
  it("is nothing where nothing was changed, and all where something was, be it deep within", () => {
    const session = reread(
      emptySession()
        .set("cart", { items: [1] })
        .set("name", "Ada"),
    );
    const written = (): string | undefined => stateOf(session).write(nowInSeconds(), times);
    expect(written()).toBeUndefined();
    session.get("name");
    session.get("cart");
    expect(written()).toBeUndefined();
    (session.get("cart") as { items: number[] }).items.push(2);
    expect(written()).toMatch(/,\{"cart":\{"items":\[1,2\]\},"name":"Ada"\}\]$/);
  });

  it("is nothing where a change was taken back", () => {
    const session = reread(emptySession().set("a", 1));
    session.set("b", 2).delete("b");
    session.flash("x");
    session.flashes();
    expect(stateOf(session).write(nowInSeconds(), times)).toBeUndefined();
  });

  it("is all once a tenth of its age is over", () => {
    vi.useFakeTimers({ now: 1_000_000_000_000 });
    const session = reread(emptySession().set("a", 1));
    const at = (second: number): string | undefined => stateOf(session).write(1_000_000_000 + second, times);
    expect([at(0), at(100), at(101)]).toEqual([undefined, undefined, '[1000000000,1000000101,{"a":1}]']);
  });

  it("lasts as long as it is used, up to its lifetime, which regenerate() begins anew", () => {
    vi.useFakeTimers({ now: 0 });
    let session = emptySession().set("a", 1);
    const state = (): SessionState | undefined =>
      readSession(stateOf(session).write(nowInSeconds(), times) ?? "", times);
    const goOn = (seconds: number): boolean => {
      const text = stateOf(session.set("n", seconds)).write(nowInSeconds(), times) as string;
      vi.advanceTimersByTime(seconds * 1000);
      const read = readSession(text, times);
      if (read !== undefined) session = new Session(read);
      return read !== undefined;
    };
    expect(state()).toBeDefined();
    expect([goOn(1000), goOn(999), goOn(999), goOn(999)]).toEqual([false, true, true, true]);
    expect(stateOf(session).secondsLeft(nowInSeconds(), times)).toBe(1000);
    expect(goOn(500)).toBe(true);
    expect(stateOf(session).secondsLeft(nowInSeconds(), times)).toBe(503);
    expect(goOn(900)).toBe(false);
    session.regenerate();
    expect(stateOf(session).secondsLeft(nowInSeconds(), times)).toBe(1000);
    expect([goOn(900), goOn(900)]).toEqual([true, true]);
  });

  it("is refused where it is none", () => {
    const now = nowInSeconds();
    const wrong = [
      "",
      "[]",
      "{}",
      "null",
      `[${now}]`,
      `[${now},${now}]`,
      `[${now},${now},1]`,
      `[${now},${now},null]`,
      `[${now},${now},"x"]`,
      `[${now},${now},{}`,
      `[${now},-1,{}]`,
      `[${now},1e3,{}]`,
      `[${now},${now},{},{}]`,
      `[${now},${now},{},[1]]`,
      `[${now},${now},{},[["a"]]]`,
      `[${now},${now},{},[],1]`,
      `x[${now},${now},{}]`,
    ];
    for (const text of wrong) expect([text, readSession(text, times)]).toEqual([text, undefined]);
    expect(readSession(`[${now},${now},{}]`, times)).toBeDefined();
  });
});

describe("messages", () => {
  it("are kept until they are read, once", () => {
    const session = emptySession();
    session.flash("saved");
    session.flash("no paper", "error");
    const next = reread(session);
    expect(next.flashes("error")).toEqual([{ message: "no paper", category: "error" }]);
    expect(next.flashes("error")).toEqual([]);
    const last = reread(next);
    expect([last.flashes(), last.flashes()]).toEqual([[{ message: "saved", category: "message" }], []]);
    expect(stateOf(last).isEmpty).toBe(true);
  });

  it("are no values", () => {
    const session = emptySession().set("a", 1);
    session.flash("x");
    expect([[...session], session.size]).toEqual([[["a", 1]], 1]);
    session.clear();
    expect(session.flashes()).toEqual([]);
  });
});

describe("a session that was written", () => {
  it("can be read, and refuses to be changed", () => {
    const session = emptySession().set("a", 1);
    session.flash("x");
    stateOf(session).closed = true;
    expect([session.get("a"), session.has("b"), session.flashes("none")]).toEqual([1, false, []]);
    const changes = [
      () => session.set("a", 2),
      () => session.delete("a"),
      () => session.clear(),
      () => session.regenerate(),
      () => session.flash("y"),
      () => session.flashes(),
    ];
    for (const change of changes) expect(change).toThrow(/was written already, with the head of the answer/);
    expect(session.get("a")).toBe(1);
  });
});
