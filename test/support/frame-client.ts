/**
 * An HTTP/2 client that sends frames as they are, allowed or not (RFC 9113 §4.1 and §6), and collects what comes back: for
 * talking to a server as no library would.
 */
import { once } from "node:events";
import { connect, type TLSSocket } from "node:tls";

export const DATA = 0x0;
export const HEADERS = 0x1;
export const PRIORITY = 0x2;
export const RST_STREAM = 0x3;
export const SETTINGS = 0x4;
export const PING = 0x6;
export const GOAWAY = 0x7;
export const WINDOW_UPDATE = 0x8;
export const CONTINUATION = 0x9;

export const END_STREAM = 0x1;
export const ACK = 0x1;
export const END_HEADERS = 0x4;

/** SETTINGS parameters (RFC 9113 §6.5.2). */
export const HEADER_TABLE_SIZE = 1;
export const INITIAL_WINDOW_SIZE = 4;

/** Error codes (RFC 9113 §7). */
export const NO_ERROR = 0x0;
export const PROTOCOL_ERROR = 0x1;
export const INTERNAL_ERROR = 0x2;
export const REFUSED_STREAM = 0x7;
export const CANCEL = 0x8;
export const ENHANCE_YOUR_CALM = 0xb;

/** The largest payload that may be sent unasked (RFC 9113 §4.2). */
const MAX_FRAME = 16_384;

export const PREFACE: Buffer = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

export interface Frame {
  type: number;
  flags: number;
  stream: number;
  payload: Buffer;
}

export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array | string = "",
): Buffer {
  const body = Buffer.from(payload as string, "latin1");
  const head = Buffer.alloc(9);
  head.writeUIntBE(body.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, body]);
}

/** 32 bits: an error code, or a window's increment. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function settings(...pairs: readonly (readonly [id: number, value: number])[]): Buffer {
  return frame(
    SETTINGS,
    0,
    0,
    Buffer.concat(pairs.map(([id, value]) => Buffer.concat([Buffer.from([0, id]), uint32(value)]))),
  );
}

/** A header block of literals without indexing or Huffman code (RFC 7541 §6.2.2), so that nothing is hidden from the reader of a test. */
export function headerBlock(fields: readonly string[]): Buffer {
  const parts: Buffer[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    parts.push(Buffer.from([0]), literal(fields[i] as string), literal(fields[i + 1] as string));
  }
  return Buffer.concat(parts);
}

function literal(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  const length: number[] = [];
  if (bytes.length < 127) length.push(bytes.length);
  else {
    length.push(127);
    let rest = bytes.length - 127;
    for (; rest >= 128; rest = Math.floor(rest / 128)) length.push((rest % 128) + 128);
    length.push(rest);
  }
  return Buffer.concat([Buffer.from(length), bytes]);
}

export const get: readonly string[] = [
  ":method",
  "GET",
  ":scheme",
  "https",
  ":authority",
  "localhost",
  ":path",
  "/",
];
export const post: readonly string[] = [":method", "POST", ...get.slice(2)];

export class FrameClient {
  readonly socket: TLSSocket;
  readonly frames: Frame[] = [];
  /** True once the server has ended the connection, properly or not. */
  ended = false;
  #rest: Buffer = Buffer.alloc(0);
  #changed: () => void = () => {};

  private constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#rest = Buffer.concat([this.#rest, chunk]);
      this.#parse();
      this.#changed();
    });
    socket.on("error", () => {});
    for (const event of ["end", "close"]) {
      socket.on(event, () => {
        this.ended = true;
        this.#changed();
      });
    }
  }

  /** Connects to a port of 127.0.0.1 and agrees on h2. Certificates are none of its concern. Sends nothing yet. */
  static async connect(port: number): Promise<FrameClient> {
    const socket = connect({ port, host: "127.0.0.1", ALPNProtocols: ["h2"], rejectUnauthorized: false });
    await once(socket, "secureConnect");
    return new FrameClient(socket);
  }

  /** As `connect`, and has sent the preface and settings; without a dynamic table, status codes can be read. */
  static async open(
    port: number,
    ...pairs: readonly (readonly [id: number, value: number])[]
  ): Promise<FrameClient> {
    const client = await FrameClient.connect(port);
    client.send(PREFACE, settings([HEADER_TABLE_SIZE, 0], ...pairs));
    await client.until(() => client.of(SETTINGS).length > 0);
    return client.send(frame(SETTINGS, ACK, 0));
  }

  send(...bytes: Uint8Array[]): this {
    this.socket.write(bytes.length === 1 ? (bytes[0] as Uint8Array) : Buffer.concat(bytes));
    return this;
  }

  /** Sends a header section, in as many frames as it takes. */
  headers(stream: number, fields: readonly string[], flags = END_HEADERS | END_STREAM): this {
    const block = headerBlock(fields);
    if (block.length <= MAX_FRAME) return this.send(frame(HEADERS, flags, stream, block));
    this.send(frame(HEADERS, flags & ~END_HEADERS, stream, block.subarray(0, MAX_FRAME)));
    for (let at = MAX_FRAME; at < block.length; at += MAX_FRAME) {
      const last = at + MAX_FRAME >= block.length;
      this.send(
        frame(CONTINUATION, last ? flags & END_HEADERS : 0, stream, block.subarray(at, at + MAX_FRAME)),
      );
    }
    return this;
  }

  /** The frames that have come of a type, on a stream. */
  of(type: number, stream?: number): Frame[] {
    return this.frames.filter(
      (each) => each.type === type && (stream === undefined || each.stream === stream),
    );
  }

  /** The final status that came on a stream. */
  status(stream: number): number | undefined {
    return this.of(HEADERS, stream)
      .map(({ payload }) => statusOf(payload))
      .find((status) => status >= 200);
  }

  body(stream: number): string {
    return Buffer.concat(this.of(DATA, stream).map(({ payload }) => payload)).toString("latin1");
  }

  /** The code of the RST_STREAM that came for a stream. */
  resetCode(stream: number): number | undefined {
    return this.of(RST_STREAM, stream)[0]?.payload.readUInt32BE(0);
  }

  /** The code of the last GOAWAY. */
  get goAwayCode(): number | undefined {
    return this.of(GOAWAY).at(-1)?.payload.readUInt32BE(4);
  }

  /** Resolves once the condition holds. Rejects after a deadline, telling what came. */
  until(condition: () => boolean, milliseconds = 20_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const came = (): string =>
        this.frames
          .map(({ type, flags, stream, payload }) => `${type}/${flags}/${stream}/${describe(type, payload)}`)
          .join(" ");
      const timer = setTimeout(
        () => reject(new Error(`still waiting; ended: ${this.ended}; came: ${came().slice(-500)}`)),
        milliseconds,
      );
      this.#changed = () => {
        if (!condition()) return;
        clearTimeout(timer);
        this.#changed = () => {};
        resolve();
      };
      this.#changed();
    });
  }

  untilEnded(milliseconds?: number): Promise<void> {
    return this.until(() => this.ended, milliseconds);
  }

  close(): void {
    this.socket.destroy();
  }

  #parse(): void {
    for (;;) {
      if (this.#rest.length < 9) return;
      const end = 9 + this.#rest.readUIntBE(0, 3);
      if (this.#rest.length < end) return;
      this.frames.push({
        type: this.#rest[3] as number,
        flags: this.#rest[4] as number,
        stream: this.#rest.readUInt32BE(5),
        payload: this.#rest.subarray(9, end),
      });
      this.#rest = this.#rest.subarray(end);
    }
  }
}

function describe(type: number, payload: Buffer): string {
  return type === GOAWAY ? payload.toString("latin1", 7) : String(payload.length);
}

/** The statuses that have an entry of their own in HPACK's static table (RFC 7541, appendix A). */
const indexed = [200, 204, 206, 304, 400, 404, 500];

/** The status of a block that begins with it. */
function statusOf(block: Buffer): number {
  // The size update that follows from our settings may come first (RFC 7541 §6.3).
  let at = 0;
  while (((block[at] as number) & 0xe0) === 0x20) at++;
  const first = block[at] as number;
  if ((first & 0x80) !== 0) return indexed[(first & 0x7f) - 8] ?? 0;
  const length = block[at + 1] as number;
  const value = block.subarray(at + 2, at + 2 + (length & 0x7f));
  return Number((length & 0x80) === 0 ? value.toString("latin1") : huffmanDigits(value));
}

/** Digits in HPACK's Huffman code (RFC 7541, appendix B): five bits for 0 to 2, six for the others. */
function huffmanDigits(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  let digits = "";
  for (let at = 0; at + 5 <= bits.length; ) {
    const short = Number.parseInt(bits.slice(at, at + 5), 2);
    if (short < 3) {
      digits += short;
      at += 5;
    } else {
      const long = Number.parseInt(bits.slice(at, at + 6), 2);
      if (at + 6 > bits.length || long < 0b011001 || long > 0b011111) break;
      digits += long - 0b011001 + 3;
      at += 6;
    }
  }
  return digits;
}
