import { describe, expect, test } from "vitest";
import { ProxiedEndpoints } from "../transport/proxied-endpoints.ts";
import { crc32c } from "./crc32c.ts";
import { MAX_TLV_BYTES, type ProxyHeader, ProxyHeaderError, ProxyHeaderParser } from "./proxy-protocol.ts";

const SIGNATURE = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
const PROXY = 0x21;
const LOCAL = 0x20;

interface Outcome {
  header?: ProxyHeader | null;
  rest?: string;
  error?: string;
}

/** Parses bytes that come in chunks of some sizes; the last size stands for all that follow. */
function parse(
  input: string | Uint8Array,
  { required = true, sizes = [Number.POSITIVE_INFINITY] } = {},
): Outcome {
  const bytes = typeof input === "string" ? Buffer.from(input, "latin1") : Buffer.from(input);
  const parser = new ProxyHeaderParser(required);
  try {
    for (let at = 0, n = 0; at < bytes.length; n++) {
      const end = Math.min(bytes.length, at + (sizes[n] ?? sizes.at(-1)!));
      const result = parser.feed(bytes.subarray(at, end));
      if (result !== undefined) {
        const rest = Buffer.concat([result.rest, bytes.subarray(end)]).toString("latin1");
        return { header: result.header, rest };
      }
      at = end;
    }
    return {};
  } catch (error) {
    if (!(error instanceof ProxyHeaderError)) throw error;
    return { error: error.message };
  }
}

function v2(
  command: number,
  family: number,
  payload: readonly number[] | Uint8Array,
  length = payload.length,
): Buffer {
  return Buffer.from([...SIGNATURE, command, family, length >> 8, length & 0xff, ...payload]);
}

function tlv(type: number, value: string | readonly number[]): number[] {
  const bytes = typeof value === "string" ? [...Buffer.from(value)] : value;
  return [type, bytes.length >> 8, bytes.length & 0xff, ...bytes];
}

function withChecksum(header: Buffer): Buffer {
  const at = header.length - 4;
  header.writeUInt32BE(crc32c(header), at);
  return header;
}

const ipv4 = [192, 0, 2, 1, 198, 51, 100, 7, 0xdc, 0x04, 0x01, 0xbb];
const ipv6 = [
  ...[0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
  ...[0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2],
  ...[0xff, 0xff, 0, 80],
];
const unix = [...Buffer.alloc(108, "/run/client\0"), ...Buffer.alloc(108)];

const told = {
  command: "proxy",
  family: "ipv4",
  sourceAddress: "192.0.2.1",
  sourcePort: 56324,
  destinationAddress: "198.51.100.7",
  destinationPort: 443,
  tlvs: [],
};
const untold = {
  command: "proxy",
  family: "unspecified",
  sourceAddress: undefined,
  sourcePort: undefined,
  destinationAddress: undefined,
  destinationPort: undefined,
  tlvs: [],
};

test("the checksum is CRC-32C", () => {
  // RFC 3720 §B.4 and the usual check value.
  expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
  expect(crc32c(Buffer.alloc(0))).toBe(0);
});

describe("version 1", () => {
  test("TCP4, TCP6 and UNKNOWN", () => {
    expect(parse("PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\nGET /")).toEqual({
      header: { version: 1, ...told },
      rest: "GET /",
    });
    expect(parse("PROXY TCP6 2001:DB8:0::1 fe80::2 65535 0\r\n")).toEqual({
      header: {
        version: 1,
        command: "proxy",
        family: "ipv6",
        sourceAddress: "2001:db8::1",
        sourcePort: 65535,
        destinationAddress: "fe80::2",
        destinationPort: 0,
        tlvs: [],
      },
      rest: "",
    });
    expect(parse("PROXY UNKNOWN\r\nx")).toEqual({ header: { version: 1, ...untold }, rest: "x" });
    expect(parse("PROXY UNKNOWN what ever \x01\r\n").header).toEqual({ version: 1, ...untold });
  });

  test("the longest line, and one byte more", () => {
    const longest = `PROXY UNKNOWN ${"f".repeat(91)}\r\n`;
    expect(longest).toHaveLength(107);
    expect(parse(`${longest}y`)).toEqual({ header: { version: 1, ...untold }, rest: "y" });
    expect(parse(`PROXY UNKNOWN ${"f".repeat(92)}\r\n`).error).toContain("longer than 107 bytes");
    expect(parse(`PROXY UNKNOWN ${"f".repeat(200)}`).error).toContain("longer than 107 bytes");
  });

  test.each([
    ["PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\n", "bare LF"],
    ["PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\rX", "CR without LF"],
    ["PROXY TCP4 192.0.2.1 198.51.100.7 56324\r\n", "two addresses and two ports"],
    ["PROXY TCP4  192.0.2.1 198.51.100.7 56324 443\r\n", "two addresses and two ports"],
    ["PROXY TCP4 192.0.2.1 198.51.100.7 56324 443 \r\n", "two addresses and two ports"],
    ["PROXY TCP4\r\n", "two addresses and two ports"],
    ["PROXY TCP4 192.0.2.1 198.51.100.7 56324 65536\r\n", "port"],
    ["PROXY TCP4 192.0.2.1 198.51.100.7 +1 443\r\n", "port"],
    ["PROXY TCP4 192.0.2.1 198.51.100.7 01 443\r\n", "port"],
    ["PROXY TCP4 192.0.2.01 198.51.100.7 1 443\r\n", "an address that is not IPv4"],
    ["PROXY TCP4 2001:db8::1 fe80::2 1 2\r\n", "an address that is not IPv4"],
    ["PROXY TCP6 192.0.2.1 198.51.100.7 1 2\r\n", "an address that is not IPv6"],
    ["PROXY TCP6 fe80::1%eth0 fe80::2 1 2\r\n", "an address that is not IPv6"],
    ["PROXY UDP4 192.0.2.1 198.51.100.7 1 2\r\n", "a protocol other than"],
    ["PROXY \r\n", "a protocol other than"],
    ["PROXY UNKNOWNS\r\n", "a protocol other than"],
  ])("%j is refused", (line, why) => {
    expect(parse(line).error).toContain(why);
  });
});

describe("version 2", () => {
  test("each family", () => {
    expect(parse(Buffer.concat([v2(PROXY, 0x11, ipv4), Buffer.from("hi")]))).toEqual({
      header: { version: 2, ...told },
      rest: "hi",
    });
    expect(parse(v2(PROXY, 0x12, ipv4)).header).toEqual({ version: 2, ...told });
    expect(parse(v2(PROXY, 0x21, ipv6)).header).toEqual({
      version: 2,
      command: "proxy",
      family: "ipv6",
      sourceAddress: "2001:db8::1",
      sourcePort: 65535,
      destinationAddress: "fe80::2",
      destinationPort: 80,
      tlvs: [],
    });
    expect(parse(v2(PROXY, 0x31, unix)).header).toMatchObject({
      family: "unix",
      sourceAddress: "/run/client",
      sourcePort: undefined,
      destinationAddress: "",
    });
    expect(parse(v2(PROXY, 0x00, [9, 9, 9])).header).toEqual({ version: 2, ...untold });
  });

  test("LOCAL drops whatever block it has", () => {
    const local = { version: 2, ...untold, command: "local" };
    expect(parse(v2(LOCAL, 0x00, []))).toEqual({ header: local, rest: "" });
    expect(parse(v2(LOCAL, 0x11, ipv4)).header).toEqual(local);
    expect(parse(v2(LOCAL, 0x11, [1]))).toEqual({ header: local, rest: "" });
  });

  test("items, NOOP left out", () => {
    const payload = [
      ...ipv4,
      ...tlv(2, "example.com"),
      ...tlv(4, [0, 0]),
      ...tlv(5, "id-7"),
      ...tlv(0xea, []),
    ];
    expect(parse(v2(PROXY, 0x11, payload)).header?.tlvs).toEqual([
      { type: 2, value: new Uint8Array(Buffer.from("example.com")) },
      { type: 5, value: new Uint8Array(Buffer.from("id-7")) },
      { type: 0xea, value: new Uint8Array() },
    ]);
  });

  test("a checksum is verified", () => {
    const header = withChecksum(v2(PROXY, 0x11, [...ipv4, ...tlv(2, "a"), ...tlv(3, [0, 0, 0, 0])]));
    expect(parse(header).header).toMatchObject({ sourceAddress: "192.0.2.1" });
    for (let n = 16; n < header.length; n++) {
      const broken = Buffer.from(header);
      broken[n]! ^= 0x40;
      const outcome = parse(broken);
      // Where the type or length of an item was hit, it is another item, or runs over the end.
      if (n < 28 || n >= header.length - 4) expect(outcome.error, `byte ${n}`).toContain("checksum is wrong");
    }
  });

  test.each([
    ["version 1 in binary", v2(0x11, 0x11, ipv4), "version 1"],
    ["version 3", v2(0x31, 0x11, ipv4), "version 3"],
    ["an unknown command", v2(0x22, 0x11, ipv4), "command 2"],
    ["an unknown family", v2(PROXY, 0x41, ipv4), "family 0x41"],
    ["an unknown transport", v2(PROXY, 0x13, ipv4), "family 0x13"],
    ["addresses cut short", v2(PROXY, 0x11, ipv4.slice(1)), "11 bytes for addresses that take 12"],
    ["IPv6 addresses cut short", v2(PROXY, 0x21, ipv4), "12 bytes for addresses that take 36"],
    ["an item cut within its value", v2(PROXY, 0x11, [...ipv4, 2, 0, 9, 1]), "goes beyond its end"],
    ["an item cut within its length", v2(PROXY, 0x11, [...ipv4, 2]), "goes beyond its end"],
    ["a checksum of 3 bytes", v2(PROXY, 0x11, [...ipv4, ...tlv(3, [1, 2, 3])]), "one checksum"],
    [
      "two checksums",
      v2(PROXY, 0x11, [...ipv4, ...tlv(3, [1, 2, 3, 4]), ...tlv(3, [1, 2, 3, 4])]),
      "one checksum",
    ],
    ["an id that is too long", v2(PROXY, 0x11, [...ipv4, ...tlv(5, "x".repeat(129))]), "id of more than 128"],
    ["too many bytes", v2(PROXY, 0x11, [], 12 + MAX_TLV_BYTES + 1), `more than ${MAX_TLV_BYTES} bytes`],
    ["too many bytes of LOCAL", v2(LOCAL, 0x00, [], 0xffff), `more than ${MAX_TLV_BYTES} bytes`],
  ])("%s is refused", (_, header, why) => {
    expect(parse(header).error).toContain(why);
  });

  test("as many bytes as are allowed", () => {
    const header = v2(PROXY, 0x11, [...ipv4, ...tlv(0xea, new Array<number>(MAX_TLV_BYTES - 3).fill(7))]);
    expect(parse(header).header?.tlvs[0]?.value).toHaveLength(MAX_TLV_BYTES - 3);
  });
});

describe("no header", () => {
  test.each([
    "GET / HTTP/1.1\r\n",
    "PRI * HTTP/2.0\r\n",
    "PROXYTCP4",
    "\r\n\r\nhello",
    "\r\n\r\n\0\r\nQUIX",
    "\x16\x03\x01",
  ])("%j is an error where one is required, and else data", (data) => {
    expect(parse(data).error).toBe("the connection does not begin with a PROXY header");
    expect(parse(data, { required: false })).toEqual({ header: null, rest: data });
  });

  test("a wrong header is an error also where none is required", () => {
    expect(parse("PROXY TCP4\r\n", { required: false }).error).toContain("two addresses");
  });

  test("what may still become one is waited for", () => {
    expect(parse("PROX", { required: false })).toEqual({});
    expect(parse("\r\n\r\n\0\r\nQUIT", { required: false })).toEqual({});
  });
});

describe("however it is split", () => {
  const inputs: [string, string | Buffer][] = [
    ["version 1", "PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\nGET / HTTP/1.1\r\n"],
    ["a long line", `PROXY UNKNOWN ${"f".repeat(95)}\r\n`],
    ["the longest line", `PROXY UNKNOWN ${"f".repeat(91)}\r\nrest`],
    ["a bare CR", "PROXY UNKNOWN x\ry\r\n"],
    ["a bare LF", "PROXY UNKNOWN x\nyyy\r\n"],
    [
      "version 2",
      Buffer.concat([v2(PROXY, 0x21, [...ipv6, ...tlv(2, "a.example")]), Buffer.from("PROXY TCP4")]),
    ],
    ["LOCAL", Buffer.concat([v2(LOCAL, 0, [1, 2, 3]), Buffer.from([1, 2, 3])])],
    ["a checksum", withChecksum(v2(PROXY, 0x31, [...unix, ...tlv(3, [0, 0, 0, 0])]))],
    ["a wrong checksum", v2(PROXY, 0x11, [...ipv4, ...tlv(3, [0, 0, 0, 1])])],
    ["a wrong version", v2(0x11, 0x11, ipv4)],
    ["a wrong family", v2(PROXY, 0x51, ipv4)],
    ["too long", Buffer.concat([v2(PROXY, 0x11, ipv4, 2000), Buffer.alloc(2000)])],
    ["a cut item", v2(PROXY, 0x11, [...ipv4, 2, 9, 9])],
    ["no header", "PROXIMITY is not enough"],
    ["almost no header", "\r\n\r\n\0\r\nQUIP\n and more"],
  ];
  test.each(inputs)("%s gives the same", (_, input) => {
    for (const required of [true, false]) {
      const whole = parse(input, { required });
      expect(whole).not.toEqual({});
      expect(parse(input, { required, sizes: [1] })).toEqual(whole);
      for (let first = 1; first < input.length; first++) {
        expect(parse(input, { required, sizes: [first, 1000] }), `split at ${first}`).toEqual(whole);
        expect(parse(input, { required, sizes: [first, 1, 7] }), `split at ${first}, then 1`).toEqual(whole);
      }
    }
  });
});

test("what is held is a copy, not the buffer that was lent", () => {
  const parser = new ProxyHeaderParser(true);
  const lent = Buffer.from("PROXY TCP4 192.0.2.1 ");
  expect(parser.begun).toBe(false);
  expect(parser.feed(lent)).toBeUndefined();
  expect(parser.begun).toBe(true);
  lent.fill(0x41);
  expect(parser.feed(Buffer.from("198.51.100.7 1 2\r\n"))?.header?.sourceAddress).toBe("192.0.2.1");
});

test("what a header does not tell is the connection's own", () => {
  const actual = { remoteAddress: "10.0.0.1", remotePort: 1, localAddress: "10.0.0.2", localPort: 2 };
  const endpoints = (input: string | Buffer): object => ({
    ...new ProxiedEndpoints(parse(input).header!, actual),
  });
  const peer = { peerAddress: "10.0.0.1", peerPort: 1 };
  expect(endpoints("PROXY UNKNOWN\r\n")).toMatchObject({ ...peer, ...actual });
  expect(endpoints(v2(LOCAL, 0x11, ipv4))).toMatchObject({ ...peer, ...actual });
  expect(endpoints(v2(PROXY, 0x11, ipv4))).toMatchObject({
    ...peer,
    remoteAddress: "192.0.2.1",
    remotePort: 56324,
    localAddress: "198.51.100.7",
    localPort: 443,
  });
  expect(endpoints(v2(PROXY, 0x31, unix))).toMatchObject({
    ...peer,
    remoteAddress: undefined,
    remotePort: undefined,
    localAddress: undefined,
    localPort: undefined,
  });
});
