import { describe, expect, test } from "vitest";
import { until } from "../../../test/support/until.ts";
import { Admission, type AdmissionOptions, type Applicant, addressKey } from "./admission.ts";

class Visitor implements Applicant {
  readonly key: string | undefined;
  readonly admission: Admission;
  admitted = 0;
  refusal: string | undefined;

  constructor(admission: Admission, address: string | undefined) {
    this.admission = admission;
    this.key = admission.keyOf(address);
    this.refusal = admission.apply(this);
  }

  admit(): void {
    this.admitted++;
  }

  leave(): void {
    this.admission.leave(this);
  }

  /** in, waiting, or why it was refused */
  get state(): string {
    return this.refusal ?? (this.admitted === 0 ? "waiting" : "in");
  }
}

function admission(options: AdmissionOptions, backlog = 511) {
  const subject = new Admission(options, backlog);
  return { subject, come: (address?: string) => new Visitor(subject, address) };
}

describe("the total", () => {
  test("what is beyond it is refused, until somebody leaves", () => {
    const { subject, come } = admission({ maxConnections: 2 });
    const [a, b, c] = [come(), come(), come()];
    expect([a.state, b.state, c.state]).toEqual(["in", "in", "too-many-connections"]);
    a.leave();
    expect(come().state).toBe("in");
    expect(subject.open).toBe(2);
  });

  test("or waits, in order", () => {
    const { subject, come } = admission({ maxConnections: 1, overflow: "wait" });
    const [a, b, c] = [come(), come(), come()];
    expect([a.state, b.state, c.state]).toEqual(["in", "waiting", "waiting"]);
    expect(subject.waiting).toBe(2);
    a.leave();
    expect([b.state, c.state]).toEqual(["in", "waiting"]);
    b.leave();
    expect(c.state).toBe("in");
    expect(c.admitted).toBe(1);
    expect(subject.open).toBe(1);
  });

  test("no more wait than the backlog", () => {
    const { come } = admission({ maxConnections: 1, overflow: "wait" }, 2);
    const states = [come(), come(), come(), come()].map(({ state }) => state);
    expect(states).toEqual(["in", "waiting", "waiting", "too-many-connections"]);
  });

  test("who stops waiting makes room for another, and no turn", () => {
    const { subject, come } = admission({ maxConnections: 1, overflow: "wait" }, 1);
    const [a, b] = [come(), come()];
    b.leave();
    const c = come();
    expect([c.state, subject.open, subject.waiting]).toEqual(["waiting", 1, 1]);
    a.leave();
    expect([b.admitted, c.admitted]).toEqual([0, 1]);
  });
});

describe("the number per address", () => {
  test("holds for each address by itself", () => {
    const { come } = admission({ maxConnectionsPerAddress: 1 });
    const a = come("192.0.2.1");
    expect(come("192.0.2.1").state).toBe("too-many-from-address");
    expect(come("::ffff:192.0.2.1").state).toBe("too-many-from-address");
    expect(come("192.0.2.2").state).toBe("in");
    a.leave();
    expect(come("192.0.2.1").state).toBe("in");
  });

  test("an IPv6 network of 64 bits is one address", () => {
    const { come } = admission({ maxConnectionsPerAddress: 1 });
    expect(come("2001:db8:0:1::1").state).toBe("in");
    expect(come("2001:db8:0:1:ffff::2").state).toBe("too-many-from-address");
    expect(come("2001:db8:0:2::1").state).toBe("in");
    expect(addressKey("fe80::1%eth0")).toBe(addressKey("fe80:0:0:0:9::"));
  });

  test("peers without address are not in it", () => {
    const { come } = admission({ maxConnectionsPerAddress: 1, maxConnections: 2 });
    expect([come(), come(), come()].map(({ state }) => state)).toEqual(["in", "in", "too-many-connections"]);
  });

  test("an address that waits holds up no other, and can't fill the queue", () => {
    const { come } = admission({ maxConnectionsPerAddress: 1, maxConnections: 2, overflow: "wait" });
    const [a, a2, a3] = [come("192.0.2.1"), come("192.0.2.1"), come("192.0.2.1")];
    expect([a.state, a2.state, a3.state]).toEqual(["in", "waiting", "too-many-from-address"]);
    const b = come("192.0.2.2");
    const c = come("192.0.2.3");
    expect([b.state, c.state]).toEqual(["in", "waiting"]);
    b.leave();
    expect([a2.state, c.state]).toEqual(["waiting", "in"]);
    a.leave();
    expect(a2.state).toBe("in");
  });

  test("an address that has left is forgotten", () => {
    const { subject, come } = admission({ maxConnectionsPerAddress: 1 });
    for (let n = 0; n < 1000; n++) come(`10.0.${n >> 8}.${n & 255}`).leave();
    expect(subject.open).toBe(0);
    expect(come("10.0.0.1").state).toBe("in");
  });
});

describe("the rate", () => {
  test("a second's worth may come at once, the rest is refused until there is time", async () => {
    const { come } = admission({ acceptRate: 20 });
    const states = Array.from({ length: 25 }, () => come().state);
    expect(states.filter((state) => state === "in")).toHaveLength(20);
    expect(states.at(-1)).toBe("accept-rate");
    await until(() => come().state === "in");
  });

  test("or waits for it, in order", async () => {
    const { come } = admission({ acceptRate: 20, overflow: "wait" });
    for (let n = 0; n < 20; n++) expect(come().state).toBe("in");
    const since = performance.now();
    const waiting = [come(), come(), come(), come()];
    expect(waiting.map(({ state }) => state)).toEqual(["waiting", "waiting", "waiting", "waiting"]);
    await until(() => {
      const states = waiting.map(({ state }) => state);
      expect(states.toSorted()).toEqual(states); // "in" before "waiting"
      return states.at(-1) === "in";
    });
    expect(performance.now() - since).toBeGreaterThan(150);
  });

  test("nobody overtakes who waits", async () => {
    const { come } = admission({ acceptRate: 10, overflow: "wait" });
    while (come().state === "in");
    const first = come();
    // The timer can't fire in this loop, but tokens come.
    const end = performance.now() + 250;
    while (performance.now() < end);
    const last = come();
    expect([first.state, last.state]).toEqual(["in", "waiting"]);
    await until(() => last.state === "in");
  });
});

test("nobody is let in once it is closed", async () => {
  const { subject, come } = admission({ maxConnections: 1, overflow: "wait" });
  const [a, b] = [come(), come()];
  subject.close();
  b.leave();
  a.leave();
  expect(b.admitted).toBe(0);
});

test.each([
  [{ maxConnections: 0 }, "maxConnections is 0, and must be a whole number from 1 to"],
  [{ maxConnectionsPerAddress: 1.5 }, "maxConnectionsPerAddress is 1.5"],
  [{ acceptRate: Number.NaN }, "acceptRate is NaN"],
  [{ waitTimeout: -1 }, "waitTimeout is -1"],
  [{ overflow: "queue" as "wait" }, 'overflow is "queue", and must be "refuse" or "wait"'],
])("%j is refused", (options, message) => {
  expect(() => new Admission(options, 511)).toThrow(
    expect.objectContaining({ name: "OptionError", message: expect.stringContaining(message) }),
  );
});
