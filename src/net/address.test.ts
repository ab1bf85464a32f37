import { describe, expect, test } from "vitest";
import { formatAddress, parseAddress, parseListenAddress } from "./address.ts";

describe("an address", () => {
  test.each([
    ["127.0.0.1:8000", { kind: "tcp", host: "127.0.0.1", port: 8000 }],
    ["localhost:0", { kind: "tcp", host: "localhost", port: 0 }],
    ["a-1.example.com:65535", { kind: "tcp", host: "a-1.example.com", port: 65535 }],
    ["[::1]:80", { kind: "tcp", host: "::1", port: 80 }],
    ["[::]:80", { kind: "tcp", host: "::", port: 80 }],
    ["[fe80::1%eth0.1-a]:80", { kind: "tcp", host: "fe80::1%eth0.1-a", port: 80 }],
    ["unix:/run/web.sock", { kind: "unix", path: "/run/web.sock" }],
    ["unix:web:1.sock", { kind: "unix", path: "web:1.sock" }],
  ])("%s is read, and written the same", (text, address) => {
    expect(parseAddress(text)).toEqual(address);
    expect(parseListenAddress(text)).toEqual(address);
    expect(formatAddress(parseAddress(text))).toBe(text);
  });

  test("without a host, it is the loopback's", () => {
    expect(parseAddress("8000")).toEqual({ kind: "tcp", host: "127.0.0.1", port: 8000 });
    expect(parseAddress(":8000")).toEqual({ kind: "tcp", host: "127.0.0.1", port: 8000 });
  });

  test.each([
    ["localhost", 'the port "localhost" is not a number'],
    ["127.0.0.1:65536", 'the port "65536"'],
    ["127.0.0.1:-1", 'the port "-1"'],
    ["127.0.0.1:", 'the port ""'],
    ["::1:80", "an IPv6 address stands in brackets"],
    ["http://localhost:80", "a host has no slash or space"],
    ["[localhost]:80", '"localhost" is not an IPv6 address'],
    ["[127.0.0.1]:80", '"127.0.0.1" is not an IPv6 address'],
    ["[::1::]:80", '"::1::" is not an IPv6 address'],
    ["127.1:80", '"127.1" is not an IPv4 address'],
    ["0x7f000001:80", "is not an IPv4 address"],
    ["1.2.3.256:80", "is not an IPv4 address"],
    ["0177.0.0.1:80", "is not an IPv4 address"],
    ["unix:", "the path after unix: is empty"],
    ["unix:a\0b", "has a NUL"],
    ["", 'the port ""'],
  ])("%j is refused", (text, why) => {
    const right = "Write HOST:PORT, [IPV6]:PORT or unix:/path.";
    expect(() => parseAddress(text)).toThrow(expect.objectContaining({ name: "AddressError" }));
    expect(() => parseAddress(text)).toThrow(why);
    expect(() => parseAddress(text)).toThrow(right);
  });
});

describe("an address to listen on", () => {
  test.each([
    ["fd://3", { kind: "fd", fd: 3 }],
    ["systemd:web.socket", { kind: "systemd", name: "web.socket" }],
    ["systemd:", { kind: "systemd", name: "" }],
  ])("%s is read, and written the same", (text, address) => {
    expect(parseListenAddress(text)).toEqual(address);
    expect(formatAddress(parseListenAddress(text))).toBe(text);
  });

  test("is nothing to connect to", () => {
    expect(() => parseAddress("fd://3")).toThrow("can't read the address");
    expect(() => parseAddress("systemd:web")).toThrow("can't read the address");
  });

  test.each([
    ["fd://", 'the descriptor "" is not a number'],
    ["fd://three", 'the descriptor "three"'],
    ["fd:3:x", 'the port "x"'],
    ["systemd:a:b", "the name of a socket has no colon"],
    ["nonsense", 'the port "nonsense"'],
  ])("%j is refused", (text, why) => {
    const right = "Write HOST:PORT, [IPV6]:PORT, unix:/path, fd://N or systemd:NAME.";
    expect(() => parseListenAddress(text)).toThrow(why);
    expect(() => parseListenAddress(text)).toThrow(right);
  });
});
