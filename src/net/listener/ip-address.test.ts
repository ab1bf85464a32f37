import { isIPv6 } from "node:net";
import { expect, test } from "vitest";
import { formatIp, isMapped, parseIp, plainAddress } from "./ip-address.ts";

test("an address is the same in any form, and has one canonical text", () => {
  for (const [given, canonical] of [
    ["192.0.2.1", "192.0.2.1"],
    ["::", "::"],
    ["::1", "::1"],
    ["1::", "1::"],
    ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["0:0:0:0:0:0:0:8", "::8"],
    ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
    ["::ffff:c000:221", "::ffff:192.0.2.33"],
    ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"],
  ] as const) {
    const bytes = parseIp(given)!;
    expect(formatIp(bytes), given).toBe(canonical);
    expect(parseIp(canonical), canonical).toEqual(bytes);
  }
});

test("random addresses survive being written and read", () => {
  for (let n = 0; n < 2000; n++) {
    const bytes = Uint8Array.from({ length: 16 }, (_, i) => (((n * 7919 + i * 104729) >> 3) % 3) * (n % 85));
    const text = formatIp(bytes);
    expect(isIPv6(text), text).toBe(true);
    expect(parseIp(text)).toEqual(bytes);
  }
});

test("what is no address gives none", () => {
  for (const text of [
    "",
    "1.2.3",
    "01.2.3.4",
    "1.2.3.256",
    ":::",
    "1::2::3",
    "fe80::1%eth0",
    "host",
    "12345::",
  ]) {
    expect(parseIp(text), text).toBeUndefined();
  }
});

test("an IPv4 peer on an IPv6 socket is the IPv4 peer", () => {
  expect(plainAddress("::ffff:192.0.2.1")).toBe("192.0.2.1");
  expect(plainAddress("::FFFF:c000:201")).toBe("192.0.2.1");
  expect(plainAddress("0:0:0:0:0:ffff:192.0.2.1")).toBe("192.0.2.1");
  expect(plainAddress("fe80::1%eth0")).toBe("fe80::1");
  expect(plainAddress("192.0.2.1")).toBe("192.0.2.1");
  expect(plainAddress("::ffff:0:192.0.2.1")).toBe("::ffff:0:192.0.2.1");
  expect(isMapped(parseIp("::ffff:0:1")!)).toBe(true);
  expect(isMapped(parseIp("::fffe:0:1")!)).toBe(false);
});
