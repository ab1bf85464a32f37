/** The bytes of a load's request, and the check that a server answers just those bytes as it should. */
import { connect } from "node:net";
import { BenchError, type Load, type Request } from "./benchmark.ts";

const answerTimeout = 5_000;

/** What is sent at once on a connection: one request, or as many as the load pipelines. */
export function requestBytes({ request, pipeline = 1 }: Load, port: number): Buffer {
  return Buffer.concat(Array<Buffer>(pipeline).fill(encode(request, port)));
}

function encode({ method, target, headers, body }: Request, port: number): Buffer {
  const lines = [`${method} ${target} HTTP/1.1`, `Host: 127.0.0.1:${port}`];
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  if (body !== undefined) lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body ?? ""}`);
}

/**
 * Sends what the load will send, twice on one connection, and compares each answer with the one expected.
 * Returns how many bytes an answer takes on the wire, on average over those sent at once.
 */
export async function checkAnswer(load: Load, port: number): Promise<number> {
  const count = load.pipeline ?? 1;
  const socket = connect(port, "127.0.0.1");
  const timer = setTimeout(
    () => socket.destroy(new BenchError(`no whole answer within ${answerTimeout / 1000} s`)),
    answerTimeout,
  );
  let received: Buffer = Buffer.alloc(0);
  let answers: Answer[] = [];
  let turns = 2;
  try {
    socket.write(requestBytes(load, port));
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk]);
      answers = readAnswers(received);
      if (answers.length < count) continue;
      for (const answer of answers) compare(answer, load);
      if (--turns === 0) return received.length / count;
      received = Buffer.alloc(0);
      socket.write(requestBytes(load, port));
    }
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
  throw new BenchError(`the connection was closed after ${answers.length} of ${count} answers`);
}

interface Answer {
  status: number;
  body: string;
}

function compare({ status, body }: Answer, { answer: expected }: Load): void {
  if (status === expected.status && body === expected.body) return;
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
