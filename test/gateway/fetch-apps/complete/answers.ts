/** Asks an application what its cases say, and makes of the answers what can be compared. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { Readable } from "node:stream";
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import { expect } from "vitest";

interface Init {
  headers?: Record<string, string | string[]>;
  body?: string | Uint8Array | Iterable<string>;
  json?: unknown;
  form?: Record<string, string>;
  parts?: Record<string, string | { name: string; type: string; content: string | Buffer }>;
}

interface Expected {
  status: number;
  body?: unknown;
  headers?: Record<string, string | RegExp | null>;
}

export interface Case {
  title: string;
  line?: string;
  init?: Init | ((answerTo: (title: string) => Answer, port: number) => Init);
  conversation?: (port: number) => Promise<unknown>;
  expected: unknown;
  /** What Socle answers where that is not what the reference host does. */
  onSocle?: { reason: string; expected: unknown };
}

export interface Answer {
  status: number;
  /** Interim answers, status and fields. */
  interim: unknown[];
  /** Each field line as "name: value", sorted, without those that are about the connection and the time. */
  headers: string[];
  /** undefined where the body was chunked. */
  length: string | undefined;
  trailers: Record<string, unknown>;
  body: string;
}

/** One host of an application, and what it has answered. */
export class Host {
  readonly #answers: Map<string, Answer> = new Map();
  readonly #agent: Agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #port: number;
  readonly #scrub: readonly RegExp[];

  constructor(port: number, scrub: readonly RegExp[] = []) {
    this.#port = port;
    this.#scrub = scrub;
  }

  close(): void {
    this.#agent.destroy();
  }

  answerTo(title: string): Answer {
    const found = this.#answers.get(title);
    assert(found !== undefined, `nothing was asked yet with the title ${title}`);
    return found;
  }

  async run(given: Case): Promise<unknown> {
    if (given.conversation !== undefined) return given.conversation(this.#port);
    const answer = await this.#ask(given);
    this.#answers.set(given.title, answer);
    const { headers, body } = answer;
    return { ...answer, headers: headers.map((line) => this.#clean(line)), body: this.#clean(body) };
  }

  async #ask({ line, init = {} }: Case): Promise<Answer> {
    const [method = "", path = ""] = (line as string).split(" ");
    const { headers = {}, ...content } =
      typeof init === "function" ? init((title) => this.answerTo(title), this.#port) : init;
    const { body, type } = encode(content);
    const outgoing = request({
      host: "127.0.0.1",
      port: this.#port,
      method,
      path,
      agent: this.#agent,
      headers: {
        ...(type === undefined ? {} : { "content-type": type }),
        ...(typeof body === "string" || body instanceof Uint8Array
          ? { "content-length": Buffer.byteLength(body) }
          : {}),
        ...headers,
      },
    });
    const interim: unknown[] = [];
    outgoing.on("information", (information) =>
      interim.push({ status: information.statusCode, headers: information.headers }),
    );
    const arrived = once(outgoing, "response");
    if (body === undefined || typeof body === "string" || body instanceof Uint8Array) outgoing.end(body);
    else Readable.from(body).pipe(outgoing);
    const [incoming] = (await arrived) as [IncomingMessage];
    const pieces: Buffer[] = [];
    for await (const piece of incoming) pieces.push(piece as Buffer);
    return toAnswer(incoming, interim, Buffer.concat(pieces));
  }

  #clean(text: string): string {
    const portless = text.replaceAll(`:${this.#port}`, ":PORT");
    return this.#scrub.reduce((left, pattern) => left.replaceAll(pattern, "…"), portless);
  }
}

/** Fields of the framing, the connection and the clock. */
const aboutTheHost = new Set([
  ...["connection", "content-length", "date", "keep-alive", "trailer", "transfer-encoding"],
]);

/** The answer is what the case says. */
export function expectStated(given: Case, result: unknown): void {
  if (given.conversation !== undefined) {
    expect(result).toEqual(given.expected);
    return;
  }
  const { status, body, headers = {} } = given.expected as Expected;
  const answer = result as Answer;
  expect(answer.status, answer.body).toBe(status);
  if (body instanceof RegExp) expect(answer.body).toMatch(body);
  else if (typeof body === "string") expect(answer.body).toBe(body);
  else if (body !== undefined) expect(JSON.parse(answer.body)).toEqual(body);
  for (const [name, value] of Object.entries(headers)) {
    const values = answer.headers
      .filter((line) => line.startsWith(`${name}: `))
      .map((line) => line.slice(name.length + 2));
    if (value === null) expect(values, name).toEqual([]);
    else if (value instanceof RegExp) expect(values.join("\n"), name).toMatch(value);
    else expect(values, name).toContain(value);
  }
}

/** The answer is the reference's. Whether a body has a length or is chunked is the host's affair. */
export function expectSame(result: unknown, reference: unknown): void {
  expect(comparable(result, reference)).toEqual(comparable(reference, result));
}

function comparable(result: unknown, other: unknown): unknown {
  if (!isAnswer(result) || !isAnswer(other)) return result;
  const isFramedAlike = result.length !== undefined && other.length !== undefined;
  // With a space or without one: it is the same type.
  const headers = result.headers.map((line) => line.replace(/^(content-type: .*); charset=/, "$1;charset="));
  return { ...result, headers, length: isFramedAlike ? result.length : undefined };
}

function isAnswer(result: unknown): result is Answer {
  return typeof result === "object" && result !== null && "trailers" in result;
}

function toAnswer(incoming: IncomingMessage, interim: unknown[], bytes: Buffer): Answer {
  const headers = Object.entries(incoming.headersDistinct)
    .filter(([name]) => !aboutTheHost.has(name))
    .flatMap(([name, values = []]) =>
      name === "set-cookie"
        ? values.map((value) => `${name}: ${value}`)
        : // One line or several: they mean the same (RFC 9110 §5.3).
          [`${name}: ${values.join(", ")}`],
    );
  return {
    status: incoming.statusCode as number,
    interim,
    headers: headers.sort(),
    length: incoming.headers["content-length"],
    trailers: incoming.trailers,
    body: decode(bytes, incoming.headers["content-encoding"]),
  };
}

const crlf = Buffer.from("\r\n");

function encode({ body, json, form, parts }: Init): { body?: Init["body"]; type?: string } {
  if (json !== undefined) return { body: JSON.stringify(json), type: "application/json" };
  if (form !== undefined) {
    return { body: new URLSearchParams(form).toString(), type: "application/x-www-form-urlencoded" };
  }
  if (parts === undefined) return { body };
  const boundary = "parts-of-the-form";
  const lines = Object.entries(parts).flatMap(([name, value]) => [
    `--${boundary}`,
    ...(typeof value === "string"
      ? [`content-disposition: form-data; name="${name}"`, "", value]
      : [
          `content-disposition: form-data; name="${name}"; filename="${value.name}"`,
          `content-type: ${value.type}`,
          "",
          value.content,
        ]),
  ]);
  return {
    body: Buffer.concat([...lines, `--${boundary}--`].flatMap((line) => [Buffer.from(line), crlf])),
    type: `multipart/form-data; boundary=${boundary}`,
  };
}

function decode(bytes: Buffer, coding: string | undefined): string {
  if (bytes.length === 0) return "";
  if (coding === "gzip") return gunzipSync(bytes).toString();
  if (coding === "deflate") return inflateSync(bytes).toString();
  if (coding === "br") return brotliDecompressSync(bytes).toString();
  return bytes.toString();
}
