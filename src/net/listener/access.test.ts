import { describe, expect, test } from "vitest";
import { AccessRules, NetworkList } from "./access.ts";

describe("a list", () => {
  test("holds addresses and networks of both families", () => {
    const list = new NetworkList("allow", [
      "192.0.2.1",
      "10.0.0.0/8",
      "2001:db8::/33",
      "::1",
      "198.51.100.128/25",
    ]);
    for (const inside of ["192.0.2.1", "10.255.255.255", "2001:db8:7fff:ffff::1", "::1", "198.51.100.255"]) {
      expect(list.has(inside), inside).toBe(true);
    }
    for (const outside of ["192.0.2.2", "11.0.0.0", "2001:db8:8000::1", "::2", "198.51.100.127", undefined]) {
      expect(list.has(outside), outside).toBe(false);
    }
  });

  test("takes an IPv4 peer on an IPv6 socket for the IPv4 peer", () => {
    const list = new NetworkList("allow", ["10.0.0.0/8"]);
    expect(list.has("::ffff:10.1.2.3")).toBe(true);
    expect(list.has("::FFFF:0a01:0203")).toBe(true);
    expect(list.has("::ffff:11.1.2.3")).toBe(false);
    expect(new NetworkList("deny", ["::/0"]).has("::ffff:10.1.2.3")).toBe(false);
  });

  test("a peer's zone does not matter", () => {
    expect(new NetworkList("allow", ["fe80::/10"]).has("fe80::1%eth0")).toBe(true);
  });

  test("all and none", () => {
    const all = new NetworkList("allow", ["0.0.0.0/0", "::/0"]);
    expect(all.has("203.0.113.9")).toBe(true);
    expect(all.has("2001:db8::9")).toBe(true);
    expect(new NetworkList("allow", []).has("127.0.0.1")).toBe(false);
  });

  test("peers without an address are unix:", () => {
    expect(new NetworkList("allow", ["unix:"]).has(undefined)).toBe(true);
    expect(new NetworkList("allow", ["0.0.0.0/0", "::/0"]).has(undefined)).toBe(false);
  });

  test.each([
    ["10.0.0.1/8", "it has bits behind its prefix; the network is 10.0.0.0/8"],
    ["2001:db8::1/32", "the network is 2001:db8::/32"],
    ["10.0.0.0/33", "the prefix length is a number from 0 to 32"],
    ["10.0.0.0/08", "the prefix length is a number from 0 to 32"],
    ["10.0.0.0/", "the prefix length is a number from 0 to 32"],
    ["10.0.0.0/255.0.0.0", "the prefix length is a number from 0 to 32"],
    ["::/129", "the prefix length is a number from 0 to 128"],
    ["::ffff:10.0.0.0/104", "an IPv4 address is written as 10.0.0.0"],
    ["010.0.0.1", '"010.0.0.1" is not an IP address'],
    ["10.1", '"10.1" is not an IP address'],
    ["0x0a000001", "is not an IP address"],
    ["localhost", '"localhost" is not an IP address'],
    ["fe80::1%eth0", "an address in a list has no zone"],
    [" 10.0.0.1", "is not an IP address"],
    ["", "is not an IP address"],
  ])("%j is refused", (entry, why) => {
    expect(() => new NetworkList("deny", [entry])).toThrow(
      expect.objectContaining({ name: "OptionError", message: expect.stringContaining(why) }),
    );
    expect(() => new NetworkList("deny", [entry])).toThrow(/^deny has /);
  });
});

describe("the rules", () => {
  test("without lists everybody may connect", () => {
    expect(new AccessRules({}).permits("192.0.2.1")).toBe(true);
    expect(new AccessRules({}).permits(undefined)).toBe(true);
  });

  test("an allow list keeps all others out", () => {
    const rules = new AccessRules({ allow: ["10.0.0.0/8"] });
    expect(rules.permits("10.0.0.1")).toBe(true);
    expect(rules.permits("192.0.2.1")).toBe(false);
    expect(rules.permits(undefined)).toBe(false);
  });

  test("deny wins", () => {
    const rules = new AccessRules({ allow: ["10.0.0.0/8"], deny: ["10.0.0.0/24"] });
    expect(rules.permits("10.0.1.1")).toBe(true);
    expect(rules.permits("10.0.0.1")).toBe(false);
    expect(rules.permits("::ffff:10.0.0.1")).toBe(false);
  });
});
