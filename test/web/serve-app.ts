/** An app on a real port for one test, and a client that asks it as it is told to, one connection a request. */
import type { App } from "../../src/web/app.ts";
import { serve, type TestServer } from "../http/serve.ts";

export interface RawAnswer {
  /** 0 where no whole head came. */
  readonly status: number;
  /** By lower-case name; several lines joined by "\n". */
  readonly headers: ReadonlyMap<string, string>;
  /** The content, without chunks, as latin1. */
  readonly body: string;
  /** The same as bytes. */
  readonly bytes: Buffer;
  /** Whether the whole content came. */
  readonly complete: boolean;
}

export interface ServedApp extends TestServer {
  /**
   * Sends a request and takes the whole answer.
   * @param request method and target: `GET /x`
   */
  ask(request: string, headers?: Readonly<Record<string, string>>): Promise<RawAnswer>;
}

export async function serveApp(app: App): Promise<ServedApp> {
  const server = await serve((exchange) => app.handleExchange(exchange));
  return {
    ...server,
    async ask(request, headers = {}) {
      const client = await server.open();
      client.send(requestHead(request, { connection: "close", ...headers }));
      const received = await client.untilEnd();
      client.close();
      return parseAnswer(received, request.startsWith("HEAD "));
    },
  };
}

export function requestHead(request: string, headers: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${request} HTTP/1.1\r\nhost: localhost\r\n${lines.join("")}\r\n`;
}

export function parseAnswer(received: string, bodiless = false): RawAnswer {
  const headEnd = received.indexOf("\r\n\r\n");
  if (headEnd < 0)
    return { status: 0, headers: new Map(), body: "", bytes: Buffer.alloc(0), complete: false };
  const [statusLine = "", ...lines] = received.slice(0, headEnd).split("\r\n");
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const earlier = headers.get(name);
    headers.set(name, earlier === undefined ? value : `${earlier}\n${value}`);
  }
  const raw = received.slice(headEnd + 4);
  const length = headers.get("content-length");
  const { body, complete } =
    headers.get("transfer-encoding") === "chunked" && !bodiless
      ? unchunk(raw)
      : { body: raw, complete: bodiless || length === undefined || raw.length === Number(length) };
  const status = Number(statusLine.split(" ")[1]);
  return { status, headers, body, bytes: Buffer.from(body, "latin1"), complete };
}

function unchunk(raw: string): { body: string; complete: boolean } {
  const pieces: string[] = [];
  for (let at = 0; ; ) {
    const lineEnd = raw.indexOf("\r\n", at);
    if (lineEnd < 0) return { body: pieces.join(""), complete: false };
    const size = Number.parseInt(raw.slice(at, lineEnd), 16);
    if (size === 0) return { body: pieces.join(""), complete: true };
    pieces.push(raw.slice(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}
