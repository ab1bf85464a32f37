/**
 * The PROXY protocol, versions 1 and 2: a proxy's first bytes on a connection, which tell whose connection it
 * passes on. A sans-I/O parser: bytes in, the header and what follows it out.
 *
 * Source: "The PROXY protocol, versions 1 & 2" (HAProxy, 2025), sections 2.1 (version 1) and 2.2 (version 2).
 */
import { crc32c } from "./crc32c.ts";
import { formatIp, parseIp } from "./ip-address.ts";

/** What a header says. */
export interface ProxyHeader {
  readonly version: 1 | 2;
  /** `proxy`: a client's connection is passed on. `local`: the proxy speaks for itself (a health check). */
  readonly command: "proxy" | "local";
  /** `unspecified`: the proxy does not tell; the fields below are undefined. */
  readonly family: "ipv4" | "ipv6" | "unix" | "unspecified";
  /** The client: its IP address, or the path of its Unix socket. */
  readonly sourceAddress: string | undefined;
  readonly sourcePort: number | undefined;
  /** What the client has connected to. */
  readonly destinationAddress: string | undefined;
  readonly destinationPort: number | undefined;
  /** What else a version 2 header says, in its order (section 2.2.7). */
  readonly tlvs: readonly ProxyTlv[];
}

/** A type-length-value item, such as type 2, the host name that the client asked for (SNI). */
export interface ProxyTlv {
  readonly type: number;
  readonly value: Uint8Array;
}

/** The outcome of parsing. */
export interface ProxyResult {
  /** Null when the connection does not begin with a header, and need not. */
  readonly header: ProxyHeader | null;
  /** The bytes behind the header: the client's. */
  readonly rest: Uint8Array;
}

/** What is no header, or a wrong one. The message says why. */
export class ProxyHeaderError extends Error {
  override readonly name = "ProxyHeaderError";
}

/** Version 1: the whole line with its CRLF (section 2.1). */
const MAX_LINE_BYTES = 107;
/** Version 2: all items together. The protocol allows 64 KiB; what proxies send takes far less. */
export const MAX_TLV_BYTES = 1024;

const FIXED_BYTES = 16;
const v1Signature: Uint8Array = Buffer.from("PROXY ", "latin1");
const v2Signature: Uint8Array = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");

const CR = 0x0d;
const LF = 0x0a;

/** By the high half of byte 14: the family, and the bytes that its addresses and ports take. */
const families = [
  { family: "unspecified", addressBytes: 0, portBytes: 0 },
  { family: "ipv4", addressBytes: 4, portBytes: 2 },
  { family: "ipv6", addressBytes: 16, portBytes: 2 },
  { family: "unix", addressBytes: 108, portBytes: 0 },
] as const;
/** The low half: the transport is unspecified, STREAM or DGRAM. */
const MAX_TRANSPORT = 2;

const TLV_CRC32C = 0x03;
const TLV_NOOP = 0x04;
const TLV_UNIQUE_ID = 0x05;
const MAX_UNIQUE_ID_BYTES = 128;

const noTlvs: readonly ProxyTlv[] = [];

export class ProxyHeaderParser {
  readonly #required: boolean;
  #held: Uint8Array = new Uint8Array(0);

  /** @param required whether what does not begin with a header is an error; else it is the client's own data */
  constructor(required: boolean) {
    this.#required = required;
  }

  /** Whether bytes have come that may be the begin of a header. */
  get begun(): boolean {
    return this.#held.length > 0;
  }

  /**
   * Takes the next bytes. Returns undefined until the header is complete; not to be called after that.
   * @throws ProxyHeaderError
   */
  feed(chunk: Uint8Array): ProxyResult | undefined {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    if (beginsLike(bytes, v2Signature)) {
      if (bytes.length < FIXED_BYTES) return this.#hold(bytes);
      const end = FIXED_BYTES + checkFixedPart(bytes);
      if (bytes.length < end) return this.#hold(bytes);
      return { header: readVersion2(bytes.subarray(0, end)), rest: bytes.subarray(end) };
    }
    if (beginsLike(bytes, v1Signature)) {
      const end = lineEnd(bytes);
      if (end < 0) return this.#hold(bytes);
      return { header: readVersion1(Buffer.from(bytes.subarray(0, end - 2))), rest: bytes.subarray(end) };
    }
    if (this.#required) throw new ProxyHeaderError("the connection does not begin with a PROXY header");
    return { header: null, rest: bytes };
  }

  #hold(bytes: Uint8Array): undefined {
    // A copy: a chunk may be lent, or a small part of a large buffer.
    this.#held = new Uint8Array(bytes);
  }
}

/** Whether the bytes are the signature, or a part of it that can still become it. */
function beginsLike(bytes: Uint8Array, signature: Uint8Array): boolean {
  const length = Math.min(bytes.length, signature.length);
  for (let n = 0; n < length; n++) if (bytes[n] !== signature[n]) return false;
  return true;
}

/** Where the first line ends, behind its CRLF; -1 when more has to come. */
function lineEnd(bytes: Uint8Array): number {
  const searched = Math.min(bytes.length, MAX_LINE_BYTES);
  for (let n = v1Signature.length; n < searched; n++) {
    if (bytes[n] === LF) throw new ProxyHeaderError("the PROXY line ends with a bare LF");
    if (bytes[n] !== CR) continue;
    if (n + 1 === searched) break;
    if (bytes[n + 1] === LF) return n + 2;
    throw new ProxyHeaderError("the PROXY line has a CR without LF");
  }
  if (searched === MAX_LINE_BYTES) {
    throw new ProxyHeaderError(`the PROXY line is longer than ${MAX_LINE_BYTES} bytes`);
  }
  return -1;
}

/** Section 2.1: `PROXY TCP4 192.0.2.1 198.51.100.1 56324 443`, one space between the parts. */
function readVersion1(line: Buffer): ProxyHeader {
  const [, protocol = "", ...parts] = line.toString("latin1").split(" ");
  if (protocol === "UNKNOWN") return unspecified(1, "proxy"); // whatever follows is to be ignored
  if (protocol !== "TCP4" && protocol !== "TCP6") {
    throw new ProxyHeaderError("the PROXY line names a protocol other than TCP4, TCP6 and UNKNOWN");
  }
  if (parts.length !== 4) {
    throw new ProxyHeaderError("the PROXY line must have two addresses and two ports, one space before each");
  }
  const size = protocol === "TCP4" ? 4 : 16;
  const [source = "", destination = "", sourcePort = "", destinationPort = ""] = parts;
  return {
    version: 1,
    command: "proxy",
    family: protocol === "TCP4" ? "ipv4" : "ipv6",
    sourceAddress: readAddress(source, size),
    destinationAddress: readAddress(destination, size),
    sourcePort: readPort(sourcePort),
    destinationPort: readPort(destinationPort),
    tlvs: noTlvs,
  };
}

function readAddress(text: string, size: number): string {
  const bytes = parseIp(text);
  if (bytes?.length !== size) {
    throw new ProxyHeaderError(`the PROXY line has an address that is not IPv${size === 4 ? 4 : 6}`);
  }
  return formatIp(bytes);
}

function readPort(text: string): number {
  const port = Number(text);
  if (!/^(0|[1-9]\d{0,4})$/.test(text) || port > 65535) {
    throw new ProxyHeaderError("the PROXY line has a port that is no number from 0 to 65535");
  }
  return port;
}

/** Checks the 16 bytes that every version 2 header has, and returns how many follow (section 2.2). */
function checkFixedPart(bytes: Uint8Array): number {
  const version = bytes[12]! >> 4;
  const command = bytes[12]! & 0x0f;
  if (version !== 2) throw new ProxyHeaderError(`version ${version} of the PROXY protocol is unknown`);
  if (command > 1) throw new ProxyHeaderError(`the PROXY command ${command} is unknown`);
  const kind = families[bytes[13]! >> 4];
  if (kind === undefined || (bytes[13]! & 0x0f) > MAX_TRANSPORT) {
    throw new ProxyHeaderError(
      `the PROXY header has the unknown address family 0x${bytes[13]!.toString(16)}`,
    );
  }
  const length = bytes[14]! * 256 + bytes[15]!;
  const addresses = 2 * (kind.addressBytes + kind.portBytes);
  // Of a LOCAL command, everything but the length is to be ignored.
  if (command === 1 && length < addresses)
    throw new ProxyHeaderError(`the PROXY header has ${length} bytes for addresses that take ${addresses}`);
  if (length - addresses > MAX_TLV_BYTES)
    throw new ProxyHeaderError(`the PROXY header has more than ${MAX_TLV_BYTES} bytes behind its addresses`);
  return length;
}

function readVersion2(bytes: Uint8Array): ProxyHeader {
  const { family, addressBytes, portBytes } = families[bytes[13]! >> 4]!;
  if ((bytes[12]! & 0x0f) === 0) return unspecified(2, "local");
  if (family === "unspecified") return unspecified(2, "proxy");
  const destinationAt = FIXED_BYTES + addressBytes;
  const portsAt = destinationAt + addressBytes;
  const textOf = family === "unix" ? pathOf : formatIp;
  const portAt = (at: number): number | undefined =>
    portBytes === 0 ? undefined : bytes[at]! * 256 + bytes[at + 1]!;
  return {
    version: 2,
    command: "proxy",
    family,
    sourceAddress: textOf(bytes.subarray(FIXED_BYTES, destinationAt)),
    destinationAddress: textOf(bytes.subarray(destinationAt, portsAt)),
    sourcePort: portAt(portsAt),
    destinationPort: portAt(portsAt + portBytes),
    tlvs: readTlvs(bytes, portsAt + 2 * portBytes),
  };
}

/** Section 2.2.7. */
function readTlvs(bytes: Uint8Array, start: number): readonly ProxyTlv[] {
  const tlvs: ProxyTlv[] = [];
  let checksumAt = -1;
  for (let at = start; at < bytes.length; ) {
    const valueAt = at + 3;
    const end = valueAt + (bytes[at + 1] ?? 0) * 256 + (bytes[at + 2] ?? 0);
    if (end > bytes.length) throw new ProxyHeaderError("an item of the PROXY header goes beyond its end");
    const type = bytes[at]!;
    if (type === TLV_CRC32C) {
      if (end - valueAt !== 4 || checksumAt >= 0) {
        throw new ProxyHeaderError("the PROXY header must have one checksum, of 4 bytes");
      }
      checksumAt = valueAt;
    }
    if (type === TLV_UNIQUE_ID && end - valueAt > MAX_UNIQUE_ID_BYTES) {
      throw new ProxyHeaderError(`the PROXY header has an id of more than ${MAX_UNIQUE_ID_BYTES} bytes`);
    }
    if (type !== TLV_NOOP) tlvs.push({ type, value: new Uint8Array(bytes.subarray(valueAt, end)) });
    at = end;
  }
  if (checksumAt >= 0) verifyChecksum(bytes, checksumAt);
  return tlvs;
}

/** Section 2.2.3: over the whole header, with zeros in the checksum's place. */
function verifyChecksum(bytes: Uint8Array, at: number): void {
  const copy = Buffer.from(bytes);
  const announced = copy.readUInt32BE(at);
  copy.fill(0, at, at + 4);
  if (crc32c(copy) !== announced) throw new ProxyHeaderError("the PROXY header's checksum is wrong");
}

/** A path ends with the first NUL, if it has one. */
function pathOf(bytes: Uint8Array): string {
  const nul = bytes.indexOf(0);
  return Buffer.from(nul < 0 ? bytes : bytes.subarray(0, nul)).toString();
}

function unspecified(version: 1 | 2, command: ProxyHeader["command"]): ProxyHeader {
  return {
    version,
    command,
    family: "unspecified",
    sourceAddress: undefined,
    sourcePort: undefined,
    destinationAddress: undefined,
    destinationPort: undefined,
    tlvs: noTlvs,
  };
}
