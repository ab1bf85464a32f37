/** A fetch application over TLS: HTTP/1.1 and HTTP/2 by Node's own clients, through the engine's two protocols. */
import { once } from "node:events";
import type { ClientHttp2Session, OutgoingHttpHeaders } from "node:http2";
import { Agent, type RequestOptions, request } from "node:https";
import { type FetchContext, fetchApplication } from "socle/gateway";
import { describe, expect, onTestFinished, test } from "vitest";
import { missingOpenssl } from "../support/certificates.ts";
import { ask, serveTls, type TlsServer, testCertificates } from "../support/tls-server.ts";
import { until } from "../support/until.ts";

/** What an answer is for both protocols. */
interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

interface Client {
  fetch(
    path: string,
    options?: { method?: string; body?: string; headers?: OutgoingHttpHeaders },
  ): Promise<Answer>;
  /** Sends a piece, waits for one back, and so on, until all are sent. Gives what came back each time. */
  converse(path: string, pieces: readonly string[]): Promise<string[]>;
  /** Asks, waits for the first piece, and leaves. */
  leave(path: string): Promise<void>;
}

/** What the application has seen. */
const wentBy: unknown[] = [];

function hasArrived(path: string): Promise<void> {
  return until(() => wentBy.includes(`asked ${path.slice(path.indexOf("?"))}`));
}

const application = fetchApplication(async (asked, context: FetchContext) => {
  const { pathname, search } = new URL(asked.url);
  if (pathname === "/about") {
    const { tls, httpVersion, remoteAddress } = context;
    const { protocol, alpn, servername, cipher } = tls ?? {};
    const facts = { protocol, alpn, servername, cipher: typeof cipher, httpVersion, remoteAddress };
    return Response.json({ url: asked.url, ...facts });
  }
  if (pathname === "/headers") {
    const headers = new Headers({
      "x-seen": asked.headers.get("x-sent") ?? "none",
      "transfer-encoding": "chunked",
    });
    headers.append("set-cookie", "a=1; Path=/");
    headers.append("set-cookie", "b=2");
    return new Response(`${asked.headers.get("cookie")}`, { status: 201, headers });
  }
  if (pathname === "/upper") {
    const upper = new TransformStream<Uint8Array, Uint8Array>({
      transform: (piece, controller) =>
        controller.enqueue(Buffer.from(Buffer.from(piece).toString().toUpperCase())),
    });
    return new Response((asked.body as unknown as ReadableStream<Uint8Array>).pipeThrough(upper));
  }
  if (pathname === "/json") return Response.json({ got: await asked.json() });
  if (pathname === "/endless") {
    asked.signal.addEventListener("abort", () => wentBy.push(`signal ${search}`));
    return new Response(
      new ReadableStream({
        start: (controller) => controller.enqueue(Buffer.from("begun")),
        cancel: () => void wentBy.push(`cancel ${search}`),
      }),
    );
  }
  if (pathname === "/silent") {
    wentBy.push(`asked ${search}`);
    await once(asked.signal, "abort");
    wentBy.push(`silent ${search}`);
    throw asked.signal.reason;
  }
  throw new Error("no such page");
});

const clients = {
  "HTTP/1.1": async ({ port }: TlsServer): Promise<Client> => {
    const { ca } = await testCertificates();
    const agent = new Agent({ ca, keepAlive: true, ALPNProtocols: ["http/1.1"] });
    onTestFinished(() => agent.destroy());
    const open = (path: string, options: RequestOptions = {}) =>
      request({ host: "127.0.0.1", servername: "localhost", port, path, agent, ...options });
    return {
      async fetch(path, { body, method = "GET", headers } = {}) {
        const outgoing = open(path, { method, headers: headers ?? {} });
        outgoing.end(body);
        const [incoming] = await once(outgoing, "response");
        let text = "";
        for await (const piece of incoming.setEncoding("utf8")) text += piece;
        return { status: incoming.statusCode, headers: incoming.headers, body: text };
      },
      async converse(path, pieces) {
        const outgoing = open(path, { method: "POST" });
        outgoing.write(pieces[0]);
        const [incoming] = await once(outgoing, "response");
        const received: string[] = [String((await once(incoming, "data"))[0])];
        for (const piece of pieces.slice(1)) {
          outgoing.write(piece);
          received.push(String((await once(incoming, "data"))[0]));
        }
        outgoing.end();
        await once(incoming, "end");
        return received;
      },
      async leave(path) {
        const outgoing = open(path);
        outgoing.on("error", () => {}).end();
        if (path.startsWith("/endless")) await once((await once(outgoing, "response"))[0], "data");
        else await hasArrived(path);
        outgoing.destroy();
      },
    };
  },
  "HTTP/2": async (server: TlsServer): Promise<Client> => {
    const session: ClientHttp2Session = server.connect();
    const fields = (path: string, method = "GET"): OutgoingHttpHeaders => ({
      ":path": path,
      ":method": method,
    });
    return {
      async fetch(path, { body, method, headers } = {}) {
        const send =
          body === undefined ? {} : { send: (stream: { end(text: string): void }) => stream.end(body) };
        const answer = await ask(session, { ...fields(path, method), ...headers }, send);
        return { ...answer, body: answer.body.toString() };
      },
      async converse(path, pieces) {
        const stream = session.request(fields(path, "POST"), { endStream: false });
        const received: string[] = [];
        for (const piece of pieces) {
          stream.write(piece);
          received.push(String((await once(stream, "data"))[0]));
        }
        stream.end();
        await once(stream, "end");
        return received;
      },
      async leave(path) {
        const stream = session.request(fields(path));
        stream.on("error", () => {});
        if (path.startsWith("/endless")) await once(stream, "data");
        else await hasArrived(path);
        stream.close(8);
      },
    };
  },
};

describe.skipIf(missingOpenssl !== "").each(Object.entries(clients))(
  `%s over TLS ${missingOpenssl}`,
  (version, connect) => {
    const start = async (): Promise<{ client: Client; errors: unknown[] }> => {
      const errors: unknown[] = [];
      const server = await serveTls((exchange) => application.handleExchange(exchange), {
        // A TLS client that leaves ends its side first.
        limits: { halfCloseTimeout: 100 },
        onError: (error) => errors.push(error),
      });
      return { client: await connect(server), errors };
    };

    test("the second argument tells the TLS facts, and the URL is of https", async () => {
      const { client } = await start();
      const { body } = await client.fetch("/about?q=1");
      expect(JSON.parse(body)).toEqual({
        url: expect.stringMatching(/^https:\/\/(?:localhost|127\.0\.0\.1):\d+\/about\?q=1$/),
        protocol: "TLSv1.3",
        alpn: version === "HTTP/2" ? "h2" : "http/1.1",
        servername: "localhost",
        cipher: "string",
        httpVersion: version === "HTTP/2" ? "2.0" : "1.1",
        remoteAddress: "127.0.0.1",
      });
    });

    test("headers go both ways, each set-cookie a line of its own, and what is the connection's is left out", async () => {
      const { client } = await start();
      const sent = { "x-sent": "yes", cookie: version === "HTTP/2" ? ["a=1", "b=2"] : "a=1; b=2" };
      const { status, headers, body } = await client.fetch("/headers", { headers: sent });
      expect([status, headers["x-seen"], headers["set-cookie"], body]).toEqual([
        201,
        "yes",
        ["a=1; Path=/", "b=2"],
        "a=1; b=2",
      ]);
      if (version === "HTTP/2") expect(headers).not.toHaveProperty("transfer-encoding");
    });

    test("a body streams both ways at once", async () => {
      const { client } = await start();
      expect(await client.converse("/upper", ["one", "two", "three"])).toEqual(["ONE", "TWO", "THREE"]);
      const large = "some text ".repeat(30_000);
      expect((await client.fetch("/upper", { method: "POST", body: large })).body).toBe(large.toUpperCase());
      expect((await client.fetch("/json", { method: "POST", body: '{"a":1}' })).body).toBe('{"got":{"a":1}}');
    });

    test("a client that leaves aborts the signal and cancels the stream, which is no error", async () => {
      const { client, errors } = await start();
      const mark = `?${version}`;
      await client.leave(`/endless${mark}`);
      await until(() => wentBy.includes(`cancel ${mark}`) && wentBy.includes(`signal ${mark}`));
      await client.leave(`/silent${mark}`);
      await until(() => wentBy.includes(`silent ${mark}`));
      expect(errors).toEqual([]);
    });

    test("what throws is a 500 that says nothing, and the connection goes on", async () => {
      const { client, errors } = await start();
      expect(await client.fetch("/none")).toMatchObject({ status: 500, body: "Internal Server Error\n" });
      expect(errors).toHaveLength(1);
      expect((await client.fetch("/about")).status).toBe(200);
    });
  },
);
