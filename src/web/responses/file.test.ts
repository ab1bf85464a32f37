import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  mkdir,
  mkdtemp,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { until } from "../../../test/support/until.ts";
import { requestHead, type ServedApp, serveApp } from "../../../test/web/serve-app.ts";
import { App, file, Response } from "../index.ts";
import { openFile, placeByName } from "./open-file.ts";

const content = Array.from({ length: 100 }, (_, i) => String(i).padStart(2, "0")).join("");
const modified = new Date("2024-05-06T07:08:09.500Z");
const lastModified = "Mon, 06 May 2024 07:08:09 GMT";
const big = Buffer.alloc(1_000_000, "0123456789");

let outside: string;
let root: string;
const errors: unknown[] = [];

beforeAll(async () => {
  outside = await mkdtemp(join(tmpdir(), "socle-file-"));
  root = join(outside, "root");
  await mkdir(join(root, "folder/deep"), { recursive: true });
  await mkdir(`${root}-sibling`);
  for (const name of [
    "page.html",
    "data.json",
    "UPPER.PNG",
    "no-type",
    "folder/deep/a b.txt",
    ".hidden",
    "folder/.git",
    "..odd",
    "ä.txt",
  ]) {
    await writeFile(join(root, name), content);
  }
  await writeFile(join(root, "empty.txt"), "");
  await writeFile(join(root, "big.bin"), big);
  await writeFile(join(outside, "secret.txt"), "secret");
  await writeFile(join(`${root}-sibling`, "secret.txt"), "secret");
  await symlink(join(outside, "secret.txt"), join(root, "link-out.txt"));
  await symlink(outside, join(root, "folder-out"));
  await symlink(`${root}-sibling`, join(root, "sibling"));
  await symlink("folder/deep", join(root, "folder-in"));
  await symlink("loop", join(root, "loop"));
  execFileSync("mkfifo", [join(root, "fifo")]);
  for (const name of await readdir(root)) {
    if (!/loop|fifo|link-out|folder|sibling/.test(name)) await utimes(join(root, name), modified, modified);
  }
});

afterAll(() => rm(outside, { recursive: true, force: true }));

let served: ServedApp;
beforeEach(async () => {
  errors.length = 0;
  const app = new App({ logError: (error) => void errors.push(error) });
  app.get("/path/<path:name>", ({ params }) => file(join(root, params.name)));
  app.get("/files/<path:name>", ({ params }) => file(params.name, { root }));
  app.get("/query", ({ query }) => file(query.get("name") ?? "", { root }));
  app.get("/all", ({ query }) => file(query.get("name") ?? "", { root, dotfiles: true }));
  app.get("/url", () => file(pathToFileURL(join(root, "page.html"))));
  app.get("/download", () => file(join(root, "ä.txt"), { download: true }));
  app.get("/named", () => file("page.html", { root, download: "naïve.html" }));
  app.get("/error", () => file("page.html", { root, status: 404, headers: { "cache-control": "no-store" } }));
  app.get("/typed", () => file("page.html", { root, headers: { "Content-Type": "text/x" } }));
  app.get("/own", () => file("page.html", { root, etag: "v1", lastModified: false }));
  app.get("/none", () => file("page.html", { root, etag: false, lastModified: false }));
  served = await serveApp(app);
});

/** The files below the folder that this process has open. */
async function openFiles(): Promise<string[]> {
  const links = (await readdir("/proc/self/fd")).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ""));
  return (await Promise.all(links)).filter((path) => path.startsWith(outside));
}

describe("a file", () => {
  it.each([
    ["GET /path/page.html", "text/html;charset=UTF-8"],
    ["GET /files/page.html", "text/html;charset=UTF-8"],
    ["GET /files/data.json", "application/json"],
    ["GET /files/UPPER.PNG", "image/png"],
    ["GET /files/no-type", "application/octet-stream"],
    ["GET /files/folder/deep/a%20b.txt", "text/plain;charset=UTF-8"],
    ["GET /files/folder-in/a%20b.txt", "text/plain;charset=UTF-8"],
    ["GET /files/%C3%A4.txt", "text/plain;charset=UTF-8"],
    ["GET /url", "text/html;charset=UTF-8"],
    ["GET /typed", "text/x"],
  ])("%s", async (request, type) => {
    const answer = await served.ask(request);
    expect([answer.status, answer.headers.get("content-type"), answer.body]).toEqual([200, type, content]);
    expect(answer.headers.get("content-length")).toBe("200");
    expect(answer.headers.get("accept-ranges")).toBe("bytes");
  });

  it("tells HEAD all but its content", async () => {
    const get = await served.ask("GET /files/page.html");
    const head = await served.ask("HEAD /files/page.html", { range: "bytes=0-1" });
    const withoutDate = (headers: ReadonlyMap<string, string>) =>
      [...headers].filter(([name]) => name !== "date");
    expect([head.status, head.body]).toEqual([200, ""]);
    expect(withoutDate(head.headers)).toEqual(withoutDate(get.headers));
  });

  it("may be large, or empty", async () => {
    const answer = await served.ask("GET /files/big.bin");
    expect([answer.status, answer.complete, answer.headers.get("content-length")]).toEqual([
      200,
      true,
      "1000000",
    ]);
    expect(answer.bytes.equals(big)).toBe(true);
    const empty = await served.ask("GET /files/empty.txt");
    expect([empty.status, empty.headers.get("content-length"), empty.body]).toEqual([200, "0", ""]);
    expect(await openFiles()).toEqual([]);
  });

  it("is read where its response is", async () => {
    expect(await file(join(root, "page.html")).text()).toBe(content);
    expect((await file("big.bin", { root }).bytes()).length).toBe(1_000_000);
    await expect(file("nothing", { root }).text()).rejects.toMatchObject({ status: 404 });
    // Made and never sent: nothing was opened.
    file(join(root, "big.bin"));
    expect(await openFiles()).toEqual([]);
  });

  it("can be downloaded", async () => {
    expect((await served.ask("GET /download")).headers.get("content-disposition")).toBe(
      "attachment; filename=\"_.txt\"; filename*=UTF-8''%C3%A4.txt",
    );
    expect((await served.ask("GET /named")).headers.get("content-disposition")).toBe(
      "attachment; filename=\"na_ve.html\"; filename*=UTF-8''na%C3%AFve.html",
    );
  });

  it("can have a status, and then is no part and no version of anything", async () => {
    const answer = await served.ask("GET /error", { range: "bytes=0-1", "if-none-match": "*" });
    expect([answer.status, answer.body, answer.headers.get("cache-control")]).toEqual([
      404,
      content,
      "no-store",
    ]);
    expect([answer.headers.has("etag"), answer.headers.has("accept-ranges")]).toEqual([false, false]);
  });

  it("is open no longer than it is sent", async () => {
    const client = await served.open();
    client.send(requestHead("GET /files/big.bin"));
    await client.until((received) => received.length > 1000);
    client.close();
    await until(async () => (await openFiles()).length === 0);
    await served.ask("GET /files/page.html", { "if-none-match": "*" });
    await served.ask("GET /files/page.html", { range: "bytes=1000-" });
    await served.ask("HEAD /files/page.html");
    expect(await openFiles()).toEqual([]);
    expect(errors).toEqual([]);
  });

  it("that becomes shorter on the way breaks the answer", async () => {
    const path = join(outside, "shrinking");
    await writeFile(path, Buffer.alloc(50_000_000));
    const app = new App({ logError: (error) => void errors.push(error) });
    app.get("/", () => file(path));
    const { open } = await serveApp(app);
    const client = await open();
    client.send(requestHead("GET /"));
    await client.until((received) => received.length > 1000);
    client.socket.pause();
    await truncate(path, 1000);
    client.socket.resume();
    const received = await client.untilEnd();
    expect(received.length).toBeLessThan(50_000_000);
    // The log is written behind the connection's end.
    await until(() => /has become shorter/.test(String(errors)));
    await until(async () => (await openFiles()).length === 0);
  });
});

describe("conditional requests for a file", () => {
  it("are answered by its etag and time", async () => {
    const { headers } = await served.ask("GET /files/page.html");
    const etag = headers.get("etag") as string;
    expect(etag).toMatch(/^"c8-[0-9a-f]+"$/);
    expect(headers.get("last-modified")).toBe(lastModified);
    const ask = async (fields: Record<string, string>) =>
      (await served.ask("GET /files/page.html", fields)).status;
    expect(await ask({ "if-none-match": etag })).toBe(304);
    expect(await ask({ "if-none-match": '"x"' })).toBe(200);
    expect(await ask({ "if-modified-since": lastModified })).toBe(304);
    expect(await ask({ "if-match": '"x"' })).toBe(412);
    expect(await ask({ "if-unmodified-since": "Mon, 06 May 2024 07:08:08 GMT" })).toBe(412);
    const unchanged = await served.ask("GET /files/page.html", { "if-none-match": etag });
    expect([unchanged.headers.get("etag"), unchanged.headers.has("content-type"), unchanged.body]).toEqual([
      etag,
      false,
      "",
    ]);
  });

  it("see a change of size or time", async () => {
    const path = join(root, "changing.txt");
    const tag = async (text: string, time: Date) => {
      await writeFile(path, text);
      await utimes(path, time, time);
      return (await served.ask("GET /files/changing.txt")).headers.get("etag");
    };
    const tags = [
      await tag("a", modified),
      await tag("ab", modified),
      await tag("ab", new Date(modified.getTime() + 1)),
    ];
    expect(new Set(tags).size).toBe(3);
    // One that was changed just now may change again without its time changing.
    expect(await tag("a", new Date())).toMatch(/^W\/"/);
    const future = await tag("a", new Date(Date.now() + 1e9));
    expect(future).toMatch(/^W\/"/);
    const { headers } = await served.ask("GET /files/changing.txt");
    expect(Date.parse(headers.get("last-modified") as string)).toBeLessThanOrEqual(
      Date.parse(headers.get("date") as string) + 1000,
    );
  });

  it("go by what the program says", async () => {
    const own = await served.ask("GET /own");
    expect([own.headers.get("etag"), own.headers.has("last-modified")]).toEqual(['"v1"', false]);
    expect((await served.ask("GET /own", { "if-none-match": '"v1"' })).status).toBe(304);
    const none = await served.ask("GET /none");
    expect([none.headers.has("etag"), none.headers.has("last-modified")]).toEqual([false, false]);
  });
});

describe("ranges of a file", () => {
  it.each([
    ["bytes=0-3", 206, "bytes 0-3/200", "0001"],
    ["bytes=198-", 206, "bytes 198-199/200", "99"],
    ["bytes=-4", 206, "bytes 196-199/200", "9899"],
    ["bytes=0-1000", 206, "bytes 0-199/200", content],
    ["bytes=0-1,4-5", 200, undefined, content],
    ["lines=0-1", 200, undefined, content],
    ["bytes=3-1", 200, undefined, content],
  ])("%s", async (range, status, contentRange, body) => {
    const answer = await served.ask("GET /files/page.html", { range });
    expect([answer.status, answer.headers.get("content-range"), answer.body]).toEqual([
      status,
      contentRange,
      body,
    ]);
    expect(answer.headers.get("content-length")).toBe(String(body.length));
    expect(answer.headers.has("etag")).toBe(true);
  });

  it("can be large", async () => {
    const answer = await served.ask("GET /files/big.bin", { range: "bytes=7-900006" });
    expect([answer.status, answer.complete]).toEqual([206, true]);
    expect(answer.bytes.equals(big.subarray(7, 900_007))).toBe(true);
  });

  it("that lie outside are 416", async () => {
    const answer = await served.ask("GET /files/page.html", { range: "bytes=200-" });
    expect([answer.status, answer.headers.get("content-range")]).toEqual([416, "bytes */200"]);
    expect((await served.ask("GET /files/empty.txt", { range: "bytes=0-" })).status).toBe(416);
    expect((await served.ask("GET /files/empty.txt", { range: "bytes=-1" })).status).toBe(200);
  });

  it("are of the version that If-Range names, or else the whole is sent", async () => {
    const etag = (await served.ask("GET /files/page.html")).headers.get("etag") as string;
    const ask = async (ifRange: string) =>
      (await served.ask("GET /files/page.html", { range: "bytes=0-1", "if-range": ifRange })).status;
    expect(await ask(etag)).toBe(206);
    expect(await ask(`W/${etag}`)).toBe(200);
    expect(await ask('"x"')).toBe(200);
    expect(await ask(lastModified)).toBe(206);
    expect(await ask("Mon, 06 May 2024 07:08:08 GMT")).toBe(200);
    expect(await ask("Mon, 06 May 2024 07:08:10 GMT")).toBe(200);
    expect(await ask("nonsense")).toBe(200);
    await writeFile(join(root, "new.txt"), content);
    const weak = (await served.ask("GET /files/new.txt")).headers.get("etag") as string;
    expect(weak).toMatch(/^W/);
    const answer = await served.ask("GET /files/new.txt", { range: "bytes=0-1", "if-range": weak });
    expect(answer.status).toBe(200);
  });

  it("come after preconditions", async () => {
    const answer = await served.ask("GET /files/page.html", { range: "bytes=0-1", "if-none-match": "*" });
    expect(answer.status).toBe(304);
  });
});

describe("there is no", () => {
  it.each([
    ["file of that name", "GET /files/nothing.txt"],
    ["path of that name", "GET /path/nothing.txt"],
    ["file below a file", "GET /files/page.html/x"],
    ["directory to be sent", "GET /files/folder"],
    ["directory to be sent", "GET /path/folder"],
    ["content in a FIFO", "GET /files/fifo"],
    ["end to a loop of links", "GET /files/loop"],
    ["way out by a link", "GET /files/link-out.txt"],
    ["way out by a linked folder", "GET /files/folder-out/secret.txt"],
    ["way to a folder whose name begins the same", "GET /files/sibling/secret.txt"],
    ["hidden file to be seen", "GET /files/.hidden"],
    ["hidden file to be seen", "GET /files/folder/.git"],
    ["hidden file to be seen", "GET /files/..odd"],
    ["name so long", `GET /files/${"x".repeat(300)}`],
  ])("%s: %s", async (_, request) => {
    const answer = await served.ask(request);
    expect([answer.status, answer.body]).toEqual([404, "404 Not Found"]);
    expect([answer.headers.has("etag"), errors]).toEqual([false, []]);
  });

  it.each([
    "../secret.txt",
    "folder/../../secret.txt",
    "./page.html",
    "folder/../page.html",
    "/page.html",
    "//page.html",
    "folder//deep/a b.txt",
    "page.html/",
    "..",
    ".",
    "",
    "\0",
    "page.html\0.txt",
    "folder\\deep",
    "..\\secret.txt",
    "%2e%2e/secret.txt",
    "~/x",
  ])("file called %j", async (name) => {
    for (const path of ["query", "all"]) {
      const answer = await served.ask(`GET /${path}?name=${encodeURIComponent(name)}`);
      expect([answer.status, errors]).toEqual([404, []]);
    }
  });

  it("absolute name that means a path of the program's", async () => {
    const answer = await served.ask(`GET /query?name=${encodeURIComponent(join(root, "page.html"))}`);
    expect(answer.status).toBe(404);
  });

  it("reason to hide dotfiles where they are asked for", async () => {
    expect((await served.ask("GET /all?name=.hidden")).status).toBe(200);
    expect((await served.ask("GET /all?name=..odd")).status).toBe(200);
  });

  it("404 for a root that is missing: that is a fault", async () => {
    const app = new App({ logError: (error) => void errors.push(error) });
    app.get("/", () => file("x", { root: join(outside, "no-root") }));
    const { ask } = await serveApp(app);
    expect((await ask("GET /")).status).toBe(500);
    expect(errors).toHaveLength(1);
  });
});

it.skipIf(process.platform !== "linux")(
  "a folder that is swapped for a link, all the time, lets nothing out",
  async () => {
    await mkdir(join(root, "swapped"));
    await writeFile(join(root, "swapped/secret.txt"), "public");
    await symlink(outside, join(root, "link"));
    // A thread of its own, so that it comes between any two steps.
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const swapper = new Worker(
      `const { renameSync } = require("node:fs");
    const { workerData: { folder, link, aside, stop } } = require("node:worker_threads");
    while (Atomics.load(stop, 0) === 0) {
      renameSync(folder, aside);
      renameSync(link, folder);
      renameSync(folder, link);
      renameSync(aside, folder);
    }`,
      {
        eval: true,
        workerData: {
          folder: join(root, "swapped"),
          link: join(root, "link"),
          aside: join(root, "aside"),
          stop,
        },
      },
    );
    const seen = new Set<string>();
    for (let round = 0; round < 100; round++) {
      const answers = Array.from({ length: 20 }, () => file("swapped/secret.txt", { root }).text());
      for (const answer of await Promise.allSettled(answers)) {
        seen.add(answer.status === "fulfilled" ? answer.value : String(answer.reason.status));
      }
    }
    Atomics.store(stop, 0, 1);
    await once(swapper, "exit");
    expect(seen).toContain("public");
    expect(seen).toContain("404");
    expect([...seen].sort()).toEqual(["404", "public"]);
    expect(await openFiles()).toEqual([]);
  },
);

it("where the system doesn't tell the path of an open file, its name is looked at again", async () => {
  const path = join(outside, "replaced.txt");
  await writeFile(path, "old");
  await symlink("replaced.txt", join(outside, "to-replaced.txt"));
  const { handle } = await openFile(path);
  expect(await placeByName(handle, path)).toBe(path);
  expect(await placeByName(handle, join(outside, "to-replaced.txt"))).toBe(path);
  await rename(join(outside, "secret.txt"), path);
  await expect(placeByName(handle, path)).rejects.toMatchObject({ status: 404 });
  await rm(path);
  await expect(placeByName(handle, path)).rejects.toMatchObject({ status: 404 });
  await handle.close();
});

it("a program's own mistakes are told at once", () => {
  expect(() => file("x", { headers: { "x-a": "a\nb" } })).toThrow(TypeError);
  expect(() => file("x", { etag: 'a"b' })).toThrow(/can't be an entity tag/);
  expect(() => file(new URL("file:///x"), { root: "/" })).toThrow(/named by a text/);
  expect(file("x")).toBeInstanceOf(Response);
});
