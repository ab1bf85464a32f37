import { inspect } from "node:util";
import { describe, expect, expectTypeOf, it } from "vitest";
import { LocalProxy, UnboundError } from "./index.ts";

class Account {
  readonly #secret: string;
  static readonly kind = "account";
  name: string;

  constructor(name: string) {
    this.name = name;
    this.#secret = `secret of ${name}`;
  }

  get secret(): string {
    return this.#secret;
  }

  tell(to: string): string {
    return `${this.#secret} for ${to}`;
  }

  self(): this {
    return this;
  }
}

/** A proxy whose object the test changes. */
function proxyFor<T extends object>(first: T | undefined) {
  const holder = { current: first };
  return { holder, proxy: new LocalProxy(() => holder.current) };
}

describe("a LocalProxy", () => {
  it("reads, calls, sets and deletes on the object that is current", () => {
    const ada: Account & { note?: string } = new Account("Ada");
    const bob = new Account("Bob");
    const { holder, proxy } = proxyFor(ada);
    expect([proxy.name, proxy.secret, proxy.tell("you")]).toEqual([
      "Ada",
      "secret of Ada",
      "secret of Ada for you",
    ]);
    proxy.note = "x";
    expect(ada.note).toBe("x");
    holder.current = bob;
    expect([proxy.name, proxy.tell("me"), "note" in proxy]).toEqual(["Bob", "secret of Bob for me", false]);
    proxy.name = "Bert";
    expect([ada.name, bob.name]).toEqual(["Ada", "Bert"]);
    holder.current = ada;
    expect(delete proxy.note).toBe(true);
    expect(Object.keys(ada)).toEqual(["name"]);
  });

  it("is what its object is for instanceof, and a LocalProxy", () => {
    const { proxy } = proxyFor(new Account("Ada"));
    expect(proxy instanceof Account).toBe(true);
    expect(proxy.constructor === Account).toBe(true);
    expect((proxy as object) instanceof LocalProxy).toBe(true);
    for (const other of [new Account("Ada"), {}, null, 1, () => 1])
      expect(other instanceof LocalProxy).toBe(false);
  });

  it("has the object's keys and properties for spreading, copying and JSON", () => {
    const { proxy } = proxyFor(Object.freeze({ a: 1, [Symbol.for("s")]: 2 }));
    expect({ ...proxy }).toEqual({ a: 1, [Symbol.for("s")]: 2 });
    expect(Object.entries(proxy)).toEqual([["a", 1]]);
    expect(JSON.stringify({ proxy })).toBe('{"proxy":{"a":1}}');
    expect(Object.hasOwn(proxy, "a")).toBe(true);
    expect(() => {
      (proxy as { a: number }).a = 2;
    }).toThrow(TypeError);
  });

  it("defines properties and a prototype on the object", () => {
    const object = {};
    const { proxy } = proxyFor(object);
    Object.defineProperty(proxy, "x", { value: 1, configurable: true });
    Object.setPrototypeOf(proxy, Account.prototype);
    expect([Reflect.get(object, "x"), object instanceof Account]).toEqual([1, true]);
    // What could never be taken back can't be promised of the next object.
    expect(() => Object.defineProperty(proxy, "y", { value: 1, configurable: false })).toThrow(TypeError);
    expect("y" in object).toBe(false);
    expect(() => Object.freeze(proxy)).toThrow(TypeError);
    expect(Object.isFrozen(object)).toBe(false);
  });

  it("calls methods that need internal slots on the object, and reads them as the same function each time", () => {
    const map = new Map([["a", 1]]);
    const { proxy } = proxyFor(map);
    expect(proxy.get("a")).toBe(1);
    expect([...proxy]).toEqual([["a", 1]]);
    expect(proxy.size).toBe(1);
    expect(proxy.set("b", 2)).toBe(map);
    expect(proxy.get).toBe(proxy.get);
    // Called on something else it is called on that.
    expect(proxy.get.call(new Map([["a", 3]]), "a")).toBe(3);
    const { proxy: date } = proxyFor(new Date(5));
    expect([Number(date), `${date}`, date > new Date(4)]).toEqual([5, String(new Date(5)), true]);
    const { proxy: bytes } = proxyFor(Uint8Array.of(1, 2));
    expect([bytes[1], bytes.length, [...bytes]]).toEqual([2, 2, [1, 2]]);
  });

  it("can be awaited where its object can", async () => {
    const { proxy } = proxyFor(Promise.resolve(7));
    expect(await proxy).toBe(7);
    const { proxy: plain } = proxyFor(new Account("Ada"));
    expect((await plain).name).toBe("Ada");
  });

  it("stands for functions and classes, if it is told so", () => {
    const call = new LocalProxy(() => (a: number, b: number) => a + b, { as: "function" });
    expect([typeof call, call(1, 2), call.length]).toEqual(["function", 3, 2]);
    const Made = new LocalProxy(() => Account, { as: "function" });
    expect([new Made("Ada").name, new Made("Ada") instanceof Account, Made.kind]).toEqual([
      "Ada",
      true,
      "account",
    ]);
    class Sub extends Made {}
    expect(new Sub("Bob").tell("you")).toBe("secret of Bob for you");
    const plain = new LocalProxy(() => () => 1);
    expect(typeof plain).toBe("object");
    expect(() => plain()).toThrow(TypeError);
  });

  it("stands for arrays, if it is told so", () => {
    const array = [1, 2];
    const proxy = new LocalProxy(() => array, { as: "array" });
    proxy.push(3);
    expect(Array.isArray(proxy)).toBe(true);
    expect(JSON.stringify(proxy)).toBe("[1,2,3]");
    expect([0].concat(proxy)).toEqual([0, 1, 2, 3]);
    expect(Object.getOwnPropertyNames(proxy)).toEqual(["0", "1", "2", "length"]);
    expect(Object.getOwnPropertyDescriptor(proxy, "length")?.value).toBe(3);
  });

  it("fails with its message where there is no object, whatever is done", () => {
    const proxy = new LocalProxy<{ a?: number }>(() => undefined, { unboundMessage: "no account here" });
    const uses: ((it: { a?: number }) => unknown)[] = [
      (it) => it.a,
      (it) => (it.a = 1),
      (it) => delete it.a,
      (it) => "a" in it,
      (it) => Object.keys(it),
      (it) => Object.getPrototypeOf(it),
      (it) => `${it}`,
    ];
    for (const use of uses) expect(() => use(proxy)).toThrow(new UnboundError("no account here"));
    expect(() => LocalProxy.currentObject(proxy)).toThrow(UnboundError);
    expect(() => new LocalProxy<Account>(() => null).name).toThrow(/^this LocalProxy was used where/);
  });

  it("throws what its source throws", () => {
    const proxy = new LocalProxy((): object => {
      throw new RangeError("from the source");
    });
    expect(() => Object.keys(proxy)).toThrow(RangeError);
    expect(() => LocalProxy.isBound(proxy)).toThrow(RangeError);
  });

  it("gives its object, and tells whether there is one", () => {
    const ada = new Account("Ada");
    const { holder, proxy } = proxyFor<Account>(ada);
    expect(proxy === ada).toBe(false);
    expect(LocalProxy.currentObject(proxy)).toBe(ada);
    expect(LocalProxy.currentObject(ada)).toBe(ada);
    expect(LocalProxy.isBound(proxy)).toBe(true);
    expect(LocalProxy.isBound(ada)).toBe(true);
    holder.current = undefined;
    expect(LocalProxy.isBound(proxy)).toBe(false);
  });

  it("is printed as its object", () => {
    const { holder, proxy } = proxyFor<object>({ a: 1 });
    expect(inspect(proxy)).toBe("{ a: 1 }");
    holder.current = undefined;
    expect(inspect({ proxy })).toBe("{ proxy: <LocalProxy unbound> }");
  });

  it("may stand for another proxy", () => {
    const { proxy } = proxyFor(new Account("Ada"));
    const second = new LocalProxy(() => proxy);
    expect(second.tell("you")).toBe("secret of Ada for you");
  });

  it("takes only a function as its source", () => {
    expect(() => new LocalProxy({} as never)).toThrow("needs a function that gives the current object");
  });

  it("is typed as its object", () => {
    const { proxy } = proxyFor(new Account("Ada"));
    expectTypeOf(proxy).toEqualTypeOf<Account>();
    expectTypeOf(new LocalProxy(() => null as Account | null)).toEqualTypeOf<Account>();
    expectTypeOf<LocalProxy<Account>>().toEqualTypeOf<Account>();
    // @ts-expect-error there is no operator that a proxy could forward for a number
    new LocalProxy(() => 5);
  });
});
