/** An HttpServer over TLS on a free port, for as long as a test runs. */
import { mkdtemp, rm } from "node:fs/promises";
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type OutgoingHttpHeaders,
} from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, onTestFinished } from "vitest";
import type { ExchangeHandler } from "../../src/http/exchange.ts";
import { HttpServer, type HttpServerOptions } from "../../src/http/server.ts";
import type { TlsOptions } from "../../src/net/listener/tls-options.ts";
import { makeAuthority } from "./certificates.ts";
import { FrameClient } from "./frame-client.ts";

export interface TestCertificates {
  /** PEM of the authority. */
  readonly ca: string;
  /** File of the authority. */
  readonly caFile: string;
  readonly tls: TlsOptions;
}

let made: Promise<TestCertificates> | undefined;
const directories: string[] = [];

afterAll(async () => {
  for (const directory of directories) await rm(directory, { recursive: true });
});

/** For localhost and 127.0.0.1; made once for a test file, and kept in memory. */
export function testCertificates(): Promise<TestCertificates> {
  made ??= make();
  return made;
}

async function make(): Promise<TestCertificates> {
  const directory = await mkdtemp(join(tmpdir(), "socle-tls-"));
  directories.push(directory);
  const authority = await makeAuthority(directory, "ca");
  const { certPem, keyPem } = await authority.issue("server", ["localhost", "127.0.0.1"]);
  return { ca: authority.certPem, caFile: authority.cert, tls: { cert: certPem, key: keyPem } };
}

export interface TlsServer {
  readonly server: HttpServer;
  readonly port: number;
  /** A client of Node's own, closed with the test. */
  connect(): ClientHttp2Session;
  /** A client that sends frames, its settings sent. */
  open(...pairs: readonly (readonly [id: number, value: number])[]): Promise<FrameClient>;
}

export async function serveTls(
  handler: ExchangeHandler,
  options: HttpServerOptions = {},
  tls: Partial<TlsOptions> = {},
): Promise<TlsServer> {
  const certificates = await testCertificates();
  const server = new HttpServer(handler, options);
  const address = await server.listen(
    { kind: "tcp", host: "127.0.0.1", port: 0 },
    { tls: { ...certificates.tls, ...tls } },
  );
  onTestFinished(async () => {
    await server.close({ deadline: 0 });
  });
  const port = address.kind === "tcp" ? address.port : 0;
  return {
    server,
    port,
    connect: () => {
      const session = connect(`https://localhost:${port}`, { ca: certificates.ca });
      session.on("error", () => {});
      onTestFinished(() => session.destroy());
      return session;
    },
    open: async (...pairs) => {
      const client = await FrameClient.open(port, ...pairs);
      onTestFinished(() => client.close());
      return client;
    },
  };
}

/** What a client of Node's has seen of an answer. */
export interface Http2Answer {
  status: number;
  headers: Record<string, string | string[]>;
  interim: { status: number; headers: Record<string, string | string[]> }[];
  trailers: Record<string, string | string[]>;
  body: Buffer;
  /** Whether it has ended properly. */
  complete: boolean;
  /** The code of the RST_STREAM that the server sent, or 0. */
  resetCode: number;
}

export interface AskOptions {
  /** Sends the body; without it there is none. */
  readonly send?: (stream: ClientHttp2Stream) => void;
  readonly waitForTrailers?: boolean;
}

/** Sends a request and collects what comes, to the stream's close. */
export function ask(
  session: ClientHttp2Session,
  fields: OutgoingHttpHeaders,
  { send, waitForTrailers = false }: AskOptions = {},
): Promise<Http2Answer> {
  const stream = session.request(fields, { endStream: send === undefined, waitForTrailers });
  stream.on("error", () => {});
  const answer: Http2Answer = {
    ...{ status: 0, headers: {}, interim: [], trailers: {}, body: Buffer.alloc(0) },
    ...{ complete: false, resetCode: 0 },
  };
  const pieces: Buffer[] = [];
  stream.on("headers", (headers) =>
    answer.interim.push({ status: Number(headers[":status"]), headers: plain(headers) }),
  );
  stream.on("response", (headers) => {
    answer.status = Number(headers[":status"]);
    answer.headers = plain(headers);
  });
  stream.on("trailers", (trailers) => {
    answer.trailers = plain(trailers);
  });
  stream.on("data", (piece: Buffer) => pieces.push(piece));
  stream.on("end", () => {
    answer.complete = true;
  });
  send?.(stream);
  return new Promise((resolve) => {
    stream.on("close", () => {
      answer.body = Buffer.concat(pieces);
      answer.resetCode = stream.rstCode;
      if (answer.resetCode !== 0) answer.complete = false;
      resolve(answer);
    });
  });
}

function plain(headers: object): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) if (!name.startsWith(":")) found[name] = value;
  return found;
}
