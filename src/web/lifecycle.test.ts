import { describe, expect, it } from "vitest";
import { MemoryExchange } from "../gateway/memory-exchange.ts";
import { App } from "./index.ts";

describe("onStart and onStop", () => {
  it("come in order, with what is mounted between them", async () => {
    const order: string[] = [];
    const step = (name: string) => async (): Promise<void> => {
      await null;
      order.push(name);
    };
    const app = new App();
    app.mount("/inner", { start: step("mount starts"), stop: step("mount stops"), handleExchange() {} });
    app.onStart(step("start 1"));
    app.onStart(step("start 2"));
    app.onStop(step("stop 1"));
    app.onStop(step("stop 2"));
    await app.start();
    expect(order.splice(0)).toEqual(["start 1", "start 2", "mount starts"]);
    expect(() => app.onStart(step("late"))).toThrow("onStart() comes too late: the app has started");
    await app.stop();
    expect(order).toEqual(["mount stops", "stop 2", "stop 1"]);
  });

  it("fail the start; at the end one that fails keeps no other from being called", async () => {
    const app = new App();
    const order: string[] = [];
    app.onStart(() => {
      throw new Error("no database");
    });
    app.onStart(() => expect.unreachable());
    app.onStop(() => void order.push("last"));
    app.onStop(() => Promise.reject(new Error("one")));
    await expect(app.start()).rejects.toThrow("no database");
    await expect(app.stop()).rejects.toThrow("one");
    app.onStop(() => Promise.reject(new Error("two")));
    await expect(app.stop()).rejects.toMatchObject({ errors: [new Error("two"), new Error("one")] });
    expect(order).toEqual(["last", "last"]);
    expect(() => app.onStop(1 as never)).toThrow("onStop() takes a function, not number");
  });
});

describe("onDrain", () => {
  it("comes when a stop is to come, in mounts too; what fails is logged", async () => {
    const told: unknown[] = [];
    const app = new App({ logError: (error) => void told.push(String(error)) });
    const inner = new App();
    inner.onDrain(() => void told.push("inner"));
    app.mount("/inner", inner);
    app.onDrain(async () => void told.push("app"));
    app.onDrain(() => {
      throw new Error("no");
    });
    await app.start();
    await app.drain();
    expect(told.sort()).toEqual(["Error: no", "app", "inner"]);
    expect(() => app.onDrain(1 as never)).toThrow("onDrain() takes a function, not number");
  });
});

describe("background tasks", () => {
  it("are waited for at the end, those that begin then too, and are told", async () => {
    const done: string[] = [];
    const app = new App();
    app.onStop(() => void done.push("stopped"));
    app.get("/", () => {
      app.background(async (signal) => {
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        done.push("first");
        app.background(async () => {
          await new Promise(setImmediate);
          done.push("second");
        });
      });
      return "answered";
    });
    const exchange = new MemoryExchange("/");
    await app.handleExchange(exchange);
    expect([exchange.takeText(), done]).toEqual(["answered", []]);
    await app.stop();
    expect(done).toEqual(["first", "second", "stopped"]);
  });

  it("that fail are logged, without an exchange", async () => {
    const logged: unknown[] = [];
    const app = new App({ logError: (error, exchange) => void logged.push(error, exchange) });
    app.background(Promise.reject(new Error("promise")));
    app.background(() => {
      throw new Error("at once");
    });
    app.background(async () => {
      throw new Error("later");
    });
    await app.stop();
    expect(
      logged
        .filter((_, i) => i % 2 === 0)
        .map(String)
        .sort(),
    ).toEqual(["Error: at once", "Error: later", "Error: promise"]);
    expect(logged[1]).toBeUndefined();
    expect(() => app.background(1 as never)).toThrow("background() takes a function or a promise");
  });
});
