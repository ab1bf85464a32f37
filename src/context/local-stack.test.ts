import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, expectTypeOf, it } from "vitest";
import { isolate, LocalProxy, LocalStack, UnboundError } from "./index.ts";

interface Task {
  id: number;
}

describe("a LocalStack", () => {
  it("gives the last item first", () => {
    isolate(() => {
      const stack = new LocalStack<Task>();
      expect([stack.top, stack.pop()]).toEqual([undefined, undefined]);
      const [one, two] = [{ id: 1 }, { id: 2 }];
      expect(stack.push(one)).toEqual([one]);
      expect(stack.push(two)).toEqual([one, two]);
      expect(stack.top).toBe(two);
      expect(stack.pop()).toBe(two);
      expect(stack.pop()).toBe(one);
      expect([stack.top, stack.pop()]).toEqual([undefined, undefined]);
      stack.push(one);
      stack.push(two);
      stack.release();
      expect(stack.top).toBeUndefined();
    });
  });

  it("is one of its own in each context", async () => {
    const stack = new LocalStack<Task>();
    stack.push({ id: 0 });
    async function work(id: number): Promise<number[]> {
      await turn();
      stack.push({ id });
      await turn();
      const ids = [...stack.push({ id: id + 0.5 })].map((task) => task.id);
      await turn();
      stack.pop();
      expect(stack.top?.id).toBe(id);
      return ids;
    }
    const seen = await Promise.all(Array.from({ length: 1000 }, (_, id) => work(id)));
    expect(seen).toEqual(Array.from({ length: 1000 }, (_, id) => [0, id, id + 0.5]));
    expect(stack.top).toEqual({ id: 0 });
    stack.release();
  });

  it("never changes a list that it gave", () => {
    isolate(() => {
      const stack = new LocalStack<Task>();
      const before = stack.push({ id: 1 });
      stack.push({ id: 2 });
      stack.pop();
      stack.pop();
      expect(before).toEqual([{ id: 1 }]);
    });
  });

  it("gives a proxy for its top", () => {
    isolate(() => {
      const stack = new LocalStack<Task>();
      const task = stack();
      expect(() => task.id).toThrow(
        new UnboundError("the proxy for the top of a LocalStack was used where the stack is empty"),
      );
      stack.push({ id: 1 });
      stack.push({ id: 2 });
      expect(task.id).toBe(2);
      stack.pop();
      expect([task.id, task instanceof LocalProxy]).toEqual([1, true]);
      stack.pop();
      expect(() => stack({ unboundMessage: "no task" }).id).toThrow(new UnboundError("no task"));
    });
  });

  it("is typed by its items", () => {
    const stack = new LocalStack<Task>();
    expectTypeOf(stack.top).toEqualTypeOf<Task | undefined>();
    expectTypeOf(stack.pop()).toEqualTypeOf<Task | undefined>();
    expectTypeOf(stack()).toEqualTypeOf<Task>();
    expect(stack instanceof LocalStack).toBe(true);
    // @ts-expect-error a number is no task
    isolate(() => stack.push(1));
  });
});
