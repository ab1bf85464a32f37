/** One app on Bun, on Deno, within a server of Node's own and on Socle: the same requests get the same answers. */
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { type ClientRequest, type IncomingMessage, type RequestOptions, request } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findNodes } from "../support/nodes.ts";
import { startProcess, type TestProcess } from "../support/process.ts";
import { findRuntimes } from "../support/runtimes.ts";
import { until } from "../support/until.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { bun, deno } = await findRuntimes();
const nodes = await findNodes();
const oldest = nodes.find((node) => node.version.startsWith("20.19"));
const newest = nodes[0]!;

/** A project that has the built package among its dependencies. */
let project: string;

beforeAll(async () => {
  await mkdir(join(root, ".tmp"), { recursive: true });
  project = await mkdtemp(join(root, ".tmp", "runtimes-"));
  await mkdir(join(project, "node_modules"));
  await symlink(root, join(project, "node_modules", "socle"), "dir");
  await writeFile(
    join(project, "package.json"),
    JSON.stringify({ type: "module", dependencies: { socle: "*" } }),
  );
  for (const file of ["app.mjs", "bun.mjs", "node.mjs"]) {
    await cp(new URL(file, import.meta.url), join(project, file));
  }
});

afterAll(() => rm(project, { recursive: true, force: true }));

interface Server {
  readonly title: string;
  readonly missing?: string | undefined;
  readonly command: readonly string[];
  /** What its own part takes care of before the app gets to see it. */
  readonly resolvesDots?: boolean;
}

const serve = ["node_modules/socle/bin/socle.js", "serve", "app.mjs", "-b", "127.0.0.1:0"];

const servers: Server[] = [
  { title: bun.label, missing: bun.missing, command: [bun.path, "run", "bun.mjs"], resolvesDots: true },
  {
    title: deno.label,
    missing: deno.missing,
    command: [
      deno.path,
      "serve",
      ...["--no-lock", "--node-modules-dir=manual", "--allow-all", "--host", "127.0.0.1", "--port", "0"],
      "app.mjs",
    ],
  },
  { title: "node:http of the newest Node", command: [newest.path, "node.mjs"] },
  {
    title: "node:http of the oldest Node",
    missing: oldest === undefined ? "it is not here" : oldest.missing,
    command: [oldest?.path ?? "", "node.mjs"],
  },
  { title: "Socle", command: [newest.path, ...serve] },
];

interface Answer {
  readonly status: number | undefined;
  readonly headers: Record<string, string | string[]>;
  readonly body: string;
  /** False when it was cut. */
  readonly complete: boolean;
}

/** Headers that are the server's own affair. */
const ownAffair = ["connection", "content-length", "date", "keep-alive", "transfer-encoding", "vary"];

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of response) pieces.push(piece);
  } catch {
    // cut
  }
  const headers = Object.entries(response.headers).filter(([name]) => !ownAffair.includes(name));
  return {
    status: response.statusCode,
    headers: Object.fromEntries(headers) as Answer["headers"],
    body: Buffer.concat(pieces).toString(),
    complete: response.complete,
  };
}

/** What has come of an answer, as soon as something has. The rest is for `readAnswer`. */
async function firstPiece(response: IncomingMessage): Promise<string> {
  await once(response, "readable");
  return String(response.read());
}

const text = { "content-type": "text/plain;charset=UTF-8" };
const json = { "content-type": "application/json" };

describe("what an app loads", () => {
  it("is little of Node, and nothing of its servers", async () => {
    const modules = new Set<string>();
    const files = new Set<string>();
    const walk = async (file: URL): Promise<void> => {
      if (files.has(file.href)) return;
      files.add(file.href);
      const source = await readFile(file, "utf8");
      // Not `import()`: what is loaded when it is needed, is not needed here.
      for (const [, specifier = ""] of source.matchAll(
        /^(?:import|export)\b[^;("'=]*["']([^"';]+)["'];$/gm,
      )) {
        if (specifier.startsWith(".")) await walk(new URL(specifier, file));
        else modules.add(specifier);
      }
    };
    await walk(new URL("../../dist/web/index.js", import.meta.url));
    expect(files.size).toBeGreaterThan(20);
    // What every runtime has.
    const light = "async_hooks buffer crypto fs net path stream stream/web url util zlib"
      .split(" ")
      .map((name) => `node:${name}`);
    // And one of the dependencies, which any installer brings.
    const dependencies = ["@noble/ciphers/chacha.js"];
    expect([...modules].filter((name) => !light.includes(name) && !dependencies.includes(name))).toEqual([]);
  });
});

describe.each(servers)("an app on $title", ({ missing, command, resolvesDots }) => {
  describe.skipIf(missing !== undefined)(missing ?? "", () => {
    let server: TestProcess;
    let port: number;

    beforeAll(async () => {
      const [executable = "", ...args] = command;
      server = startProcess(executable, args, { cwd: project, env: { NODE_ENV: "production" } });
      // Deno writes what it says of itself to standard error.
      const address = /http:\/\/(?:127\.0\.0\.1|localhost):(\d+)/;
      const [, found] = await Promise.any([
        server.waitFor(address, "stdout"),
        server.waitFor(address, "stderr"),
      ]);
      port = Number(found);
    });

    afterAll(() => server[Symbol.asyncDispose]());

    function open(method: string, path: string, options: RequestOptions = {}): ClientRequest {
      const asked = request({ host: "127.0.0.1", port, method, path, agent: false, ...options });
      asked.on("error", () => {});
      return asked;
    }

    async function ask(
      method: string,
      path: string,
      headers: Record<string, string> = {},
      ...body: (string | Buffer)[]
    ): Promise<Answer> {
      const asked = open(method, path, { headers });
      for (const piece of body) asked.write(piece);
      asked.end();
      const [response] = (await once(asked, "response")) as [IncomingMessage];
      return readAnswer(response);
    }

    it("routes, and answers with JSON", async () => {
      const answer = await ask("GET", "/users/7?q=a%20b&q=c");
      expect(answer).toEqual({
        status: 200,
        headers: json,
        body: '{"id":7,"q":["a b","c"]}',
        complete: true,
      });
    });

    it("reads JSON", async () => {
      const type = { "content-type": "application/json" };
      expect(await ask("POST", "/json", type, '{"a": "ü"}')).toMatchObject({ body: '{"got":{"a":"ü"}}' });
      expect(await ask("POST", "/json", type, '{"a": }')).toEqual({
        status: 400,
        headers: text,
        body: 'the body is not JSON: "a": expected a JSON value at line 1, column 7',
        complete: true,
      });
      expect(await ask("POST", "/json", { ...type, "content-length": "0" })).toMatchObject({ status: 400 });
    });

    it("answers with text, bytes, nothing, and cookies apart", async () => {
      expect(await ask("GET", "/text")).toEqual({
        status: 200,
        headers: text,
        body: "grüße",
        complete: true,
      });
      const bytes = await ask("GET", "/bytes");
      expect(bytes.headers).toEqual({ "content-type": "application/octet-stream" });
      expect(Buffer.from(bytes.body)).toEqual(Buffer.from(Buffer.from([0, 255, 10]).toString()));
      expect(await ask("DELETE", "/thing")).toEqual({ status: 204, headers: {}, body: "", complete: true });
      const cookies = await ask("GET", "/cookies");
      expect(cookies).toMatchObject({ headers: { "set-cookie": ["a=1; Path=/", "b=2"] }, body: "two" });
    });

    it("tells the length, to HEAD as well", async () => {
      for (const method of ["GET", "HEAD"]) {
        const asked = open(method, "/text").end();
        const [response] = (await once(asked, "response")) as [IncomingMessage];
        const { body } = await readAnswer(response);
        expect([response.headers["content-length"], body]).toEqual(["7", method === "GET" ? "grüße" : ""]);
      }
    });

    it("answers errors, and says nothing of the inside", async () => {
      expect(await ask("GET", "/teapot")).toMatchObject({
        status: 418,
        headers: { ...json, "x-pot": "tea" },
        body: '{"msg":"short and stout"}',
      });
      expect(await ask("GET", "/fault")).toMatchObject({ status: 500, body: "500 Internal Server Error" });
      expect(await ask("GET", "/nowhere")).toMatchObject({ status: 404, body: "404 Not Found" });
      const wrong = await ask("PUT", "/text");
      expect(wrong).toMatchObject({ status: 405, headers: { allow: "GET, HEAD, OPTIONS" } });
      expect(await ask("OPTIONS", "/text")).toMatchObject({
        status: 204,
        headers: { allow: "GET, HEAD, OPTIONS" },
      });
    });

    it("refuses what two readers could take for different things", async () => {
      for (const path of ["/users%2F7", "//users/7", "/users/%zz"]) {
        expect(await ask("GET", path)).toMatchObject({ status: 400 });
      }
      const dots = await ask("GET", "/inner/../text");
      if (resolvesDots === true) expect(dots).toMatchObject({ status: 200, body: "grüße" });
      else expect(dots).toMatchObject({ status: 400 });
      expect((await ask("GET", "/text", { host: "a,b" })).status).toBe(400);
    });

    it("knows what the request was for", async () => {
      expect((await ask("GET", "/url?a=%C3%A9", { host: "example.test" })).body).toBe(
        "http://example.test/url?a=%C3%A9",
      );
    });

    it("takes bodies up to the limit, announced or not", async () => {
      const megabyte = Buffer.alloc(1024 * 1024, "x");
      const length = { "content-length": String(megabyte.length) };
      expect((await ask("POST", "/size", length, megabyte)).body).toBe('{"size":1048576}');
      expect((await ask("POST", "/size", {}, megabyte)).body).toBe('{"size":1048576}');
      expect((await ask("POST", "/size", {}, megabyte, "x")).status).toBe(413);
      const more = { "content-length": String(megabyte.length + 1) };
      expect((await ask("POST", "/size", more, megabyte, "x")).status).toBe(413);
    });

    it("streams", async () => {
      const asked = open("GET", "/events").end();
      const [response] = (await once(asked, "response")) as [IncomingMessage];
      expect(response.headers["content-type"]).toBe("text/event-stream");
      expect(await firstPiece(response)).toBe("data: 1\n\n");
      await ask("POST", "/release");
      expect(await readAnswer(response)).toMatchObject({ body: "data: 2\n\n", complete: true });
    });

    it("streams both ways at once", async () => {
      const asked = open("POST", "/mirror");
      asked.write("one");
      const [response] = (await once(asked, "response")) as [IncomingMessage];
      expect(await firstPiece(response)).toBe("one");
      asked.end("two");
      expect(await readAnswer(response)).toMatchObject({ body: "two", complete: true });
    });

    it("cuts an answer that fails half way", async () => {
      const asked = open("GET", "/half").end();
      const [response] = (await once(asked, "response")) as [IncomingMessage];
      expect(await firstPiece(response)).toBe("begun");
      await ask("POST", "/release");
      expect(await readAnswer(response)).toMatchObject({ complete: false });
    });

    it("tells the app that a client has left", async () => {
      const seen = async (): Promise<{ waiting: number; left: number; broken: number }> =>
        JSON.parse((await ask("GET", "/seen")).body);
      const streaming = open("GET", "/endless").end();
      await once(streaming, "response");
      streaming.destroy();
      await until(async () => (await seen()).left === 1);
      const waiting = open("GET", "/silent").end();
      await until(async () => (await seen()).waiting === 1);
      // A mere end would do for all but Socle, which answers a client that has ended its side only.
      waiting.socket?.resetAndDestroy();
      await until(async () => (await seen()).left === 2);
      const uploading = open("POST", "/upload", { headers: { "content-length": "100" } });
      uploading.write("begun");
      await until(async () => (await seen()).waiting === 2);
      uploading.destroy();
      await until(async () => (await seen()).broken === 1);
      expect(await ask("GET", "/text")).toMatchObject({ status: 200 });
    });

    it("has mounts, and the client's address", async () => {
      expect((await ask("GET", "/inner/users/Ada")).body).toBe('{"name":"Ada","path":"/users/Ada"}');
      expect(JSON.parse((await ask("GET", "/exchange/a%20b?c", { host: "example.test" })).body)).toEqual({
        target: "/a%20b?c",
        mountPath: "/exchange",
        host: "example.test",
        remoteAddress: "127.0.0.1",
        port: true,
      });
    });
  });
});
