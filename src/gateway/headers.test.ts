import { describe, expect, expectTypeOf, it } from "vitest";
import { Headers, headerListOf, headersOver } from "./headers.ts";

const Platform = globalThis.Headers;

describe("Headers", () => {
  it("joins equal names, sorts on iteration and keeps set-cookie apart", () => {
    const headers = new Headers([
      ["X-B", "1"],
      ["Set-Cookie", "a=1"],
      ["x-a", " 2\t"],
      ["x-b", "3"],
      ["set-cookie", "b=2"],
    ]);
    expect(headers.get("X-b")).toBe("1, 3");
    expect(headers.get("set-cookie")).toBe("a=1, b=2");
    expect(headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect([...headers]).toEqual([
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
      ["x-a", "2"],
      ["x-b", "1, 3"],
    ]);
    expect([...headers.keys()]).toEqual(["set-cookie", "set-cookie", "x-a", "x-b"]);
    expect(headers.get("nothing")).toBeNull();
  });

  it.each(["", "a b", "a:b", "ä", "a\r\nb", "\0"])("refuses the name %j", (name) => {
    expect(() => new Headers([[name, "x"]])).toThrow(TypeError);
    expect(() => new Headers().get(name)).toThrow(TypeError);
    expect(() => new Headers().append(name, "x")).toThrow(/token/);
  });

  it.each(["a\r\nset-cookie: x", "a\nb", "a\rb", "a\0b", "你"])("refuses the value %j", (value) => {
    expect(() => new Headers({ a: value })).toThrow(/header a .* U\+/);
    expect(() => new Headers().set("a", value)).toThrow(TypeError);
  });

  it("judges a value by the text that it then keeps", () => {
    let calls = 0;
    const shifty = { toString: () => (calls++ === 0 ? "fine" : "bad\r\nx: y") } as unknown as string;
    const headers = new Headers();
    headers.append("a", shifty);
    expect(headers.get("a")).toBe("fine");
  });

  it("shows changes made during iteration, as the platform does", () => {
    const seen = (headers: Headers | globalThis.Headers): string[] => {
      const names: string[] = [];
      for (const [name] of headers) {
        names.push(name);
        if (name === "b") headers.append("c", "3");
        if (name === "c") headers.delete("a");
      }
      return names;
    };
    const init = { a: "1", b: "2", d: "4" };
    expect(seen(new Headers(init))).toEqual(seen(new Platform(init)));
  });

  it("never changes a list that it was given or has given away", () => {
    const given = ["a", "1"] as const;
    const headers = headersOver(given);
    headers.append("b", "2");
    const taken = headerListOf(headers);
    headers.set("a", "3");
    headers.delete("b");
    expect(given).toEqual(["a", "1"]);
    expect(taken).toEqual(["a", "1", "b", "2"]);
    expect([...headers]).toEqual([["a", "3"]]);
    const copy = new Headers(headers);
    copy.set("a", "4");
    expect(headers.get("a")).toBe("3");
  });

  it("takes the platform's Headers, and the platform takes ours", () => {
    const ours = new Headers(
      new Platform([
        ["set-cookie", "a"],
        ["set-cookie", "b"],
        ["x", "y"],
      ]),
    );
    expect(ours.getSetCookie()).toEqual(["a", "b"]);
    expect([...new Platform(ours)]).toEqual([...ours]);
    expect(Object.prototype.toString.call(ours)).toBe("[object Headers]");
    expectTypeOf(ours).toExtend<ConstructorParameters<typeof Platform>[0]>();
  });

  it("behaves as the platform's through random changes", () => {
    let seed = 7;
    const random = (n: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return Math.floor((seed / 2147483648) * n);
    };
    const names = ["A", "a", "b", "Set-Cookie", "set-cookie", "x-y", "bad name", "", "Ä"];
    const values = ["", " 1 ", "2\t", "a, b", "\u00ff", "a\rb", "\r\n3", "\u0100", "a\0"];
    const outcome = (act: () => unknown): unknown => {
      try {
        return act();
      } catch (error) {
        return (error as Error).name;
      }
    };
    for (let round = 0; round < 300; round++) {
      const ours = new Headers();
      const theirs = new Platform();
      for (let step = 0; step < 12; step++) {
        const name = names[random(names.length)] as string;
        const value = values[random(values.length)] as string;
        const verb = (["append", "set", "delete", "get", "has"] as const)[random(5)] as "append";
        expect(outcome(() => ours[verb](name, value))).toEqual(outcome(() => theirs[verb](name, value)));
      }
      expect([...ours]).toEqual([...theirs]);
      expect(ours.getSetCookie()).toEqual(theirs.getSetCookie());
    }
  });

  it.each([null, 1, "ab", [["a"]], [["a", "b", "c"]], ["ab"]])(
    "refuses %j as an init, as the platform does",
    (init) => {
      expect(() => new Platform(init as never)).toThrow(TypeError);
      expect(() => new Headers(init as never)).toThrow(TypeError);
    },
  );
});
