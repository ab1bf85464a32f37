/** The bytes of a load's requests, and the check that a server answers just those bytes as it should. */
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { BenchError, type Request, type RequestLoad } from "./benchmark.ts";

const answerTimeout = 5_000;

/** What is sent at once on a connection, in turn: one request each, or as many as the load pipelines. */
export function requestBytes({ requests, pipeline = 1 }: RequestLoad, port: number): Buffer[] {
  return requests.map((request) => Buffer.concat(Array<Buffer>(pipeline).fill(encodeRequest(request, port))));
}

export function encodeRequest({ method, target, headers, body }: Request, port: number): Buffer {
  const lines = [`${method} ${target} HTTP/1.1`, `Host: 127.0.0.1:${port}`];
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  if (body !== undefined) lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
  return body === undefined ? head : Buffer.concat([head, Buffer.from(body)]);
}

/** The load with the cookies that a server gives to whoever sends its `cookiesFrom`. */
export async function withCookies(load: RequestLoad, port: number): Promise<RequestLoad> {
  if (load.cookiesFrom === undefined) return load;
  const [turn] = await exchange(encodeRequest(load.cookiesFrom, port), 1, 1, port, load.tls ?? false);
  const { status, body, cookies } = turn!.answers[0]!;
  if (cookies.length === 0)
    throw new BenchError(`set no cookie, and answered ${status} ${body.slice(0, 200)}`);
  const cookie = ["Cookie", cookies.join("; ")] as const;
  return {
    ...load,
    requests: load.requests.map((request) => ({ ...request, headers: [...request.headers, cookie] })),
  };
}

/**
 * Sends what the load will send, and compares each answer with the one expected.
 * Returns how many bytes an answer takes on the wire, on average.
 */
export async function checkAnswers(load: RequestLoad, port: number): Promise<number> {
  const { pipeline = 1, answer: expected, requests, tls = false } = load;
  let bytes = 0;
  let answers = 0;
  for (const [i, sent] of requestBytes(load, port).entries()) {
    const turns = saysClose(requests[i]!) ? 1 : 2; // the second shows that the connection lives on, unless the answer says otherwise
    for (const turn of await exchange(sent, pipeline, turns, port, tls)) {
      for (const answer of turn.answers) compare(answer, expected);
      bytes += turn.bytes;
      answers += turn.answers.length;
    }
  }
  return bytes / answers;
}

/** How many bytes the answer to a request takes on the wire; it must be of status 200. */
export async function answerBytes(request: Request, port: number): Promise<number> {
  const [turn] = await exchange(encodeRequest(request, port), 1, 1, port, false);
  const { status, body } = turn!.answers[0]!;
  if (status !== 200) throw new BenchError(`answered ${status} ${body.slice(0, 200)}`);
  return turn!.bytes;
}

interface Answer {
  status: number;
  body: string;
  /** `NAME=VALUE` of each cookie that it sets. */
  cookies: string[];
  /** Whether the server says that it closes the connection. */
  closes: boolean;
}

/** What came back for what was sent at once. */
interface Turn {
  answers: Answer[];
  bytes: number;
}

function saysClose({ headers }: Request): boolean {
  return headers.some(([name, value]) => name.toLowerCase() === "connection" && value === "close");
}

/** Sends the same bytes several times on one connection, each time when all answers to the last have come. */
async function exchange(
  sent: Buffer,
  count: number,
  turns: number,
  port: number,
  tls: boolean,
): Promise<Turn[]> {
  const socket = open(port, tls);
  const timer = setTimeout(
    () => socket.destroy(new BenchError(`no whole answer within ${answerTimeout / 1000} s`)),
    answerTimeout,
  );
  const seen: Turn[] = [];
  let received: Buffer = Buffer.alloc(0);
  let answers: Answer[] = [];
  try {
    socket.write(sent);
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk]);
      answers = readAnswers(received);
      if (answers.length < count) continue;
      seen.push({ answers, bytes: received.length });
      if (seen.length === turns || answers.at(-1)!.closes) return seen;
      received = Buffer.alloc(0);
      socket.write(sent);
    }
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
  throw new BenchError(`the connection was closed after ${answers.length} of ${count} answers`);
}

function open(port: number, tls: boolean): Socket {
  return tls
    ? connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false })
    : connect(port, "127.0.0.1");
}

function compare({ status, body }: Answer, expected: RequestLoad["answer"]): void {
  if (status === expected.status && (body === expected.body || body === `${expected.body}\n`)) return;
  throw new BenchError(
    `answered ${status} ${body.slice(0, 200)} and not ${expected.status} ${expected.body}`,
  );
}

/** The answers that have arrived whole, framed by Content-Length or by chunks. */
function readAnswers(received: Buffer): Answer[] {
  const text = received.toString("latin1");
  const answers: Answer[] = [];
  for (let at = 0; at < text.length; ) {
    const headEnd = text.indexOf("\r\n\r\n", at);
    if (headEnd < 0) break;
    const head = text.slice(at, headEnd);
    const body = /^transfer-encoding:\s*chunked/im.test(head)
      ? readChunks(text, headEnd + 4)
      : readLength(text, headEnd + 4, Number(/^content-length:\s*(\d+)/im.exec(head)?.[1] ?? 0));
    if (body === undefined) break;
    answers.push({
      status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]),
      body: Buffer.from(body.text, "latin1").toString("utf8"),
      cookies: Array.from(head.matchAll(/^set-cookie:\s*([^;\r]*)/gim), ([, cookie]) => cookie!),
      closes: /^connection:\s*close/im.test(head),
    });
    at = body.end;
  }
  return answers;
}

function readLength(text: string, start: number, length: number): { text: string; end: number } | undefined {
  const end = start + length;
  return end > text.length ? undefined : { text: text.slice(start, end), end };
}

function readChunks(text: string, start: number): { text: string; end: number } | undefined {
  let body = "";
  for (let at = start; ; ) {
    const lineEnd = text.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(text.slice(at, lineEnd), 16);
    const end = lineEnd + 2 + size + 2;
    if (end > text.length) return undefined;
    if (size === 0) return { text: body, end };
    body += text.slice(lineEnd + 2, end - 2);
    at = end;
  }
}
