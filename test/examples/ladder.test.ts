/** The rungs of examples/ladder, each run as its header says, over real sockets. */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runProcess } from "../support/process.ts";
import { bodyOf, RawClient, statuses } from "../support/raw-client.ts";
import { until } from "../support/until.ts";
import { nodes, root, type Server, startExample, startSocle } from "./programs.ts";

const anyPort = "127.0.0.1:0";
const hasNetcat = spawnSync("nc", ["-h"]).error === undefined;

/** Sends a request as it is and gives all that comes back until the server ends the connection. */
async function ask(port: number, request: string): Promise<string> {
  using client = await RawClient.open(port);
  return await client.send(request).untilEnd();
}

describe("rung 1, one client once", () => {
  it("serves one client, and comes to an end", async () => {
    await using server = await startExample("ladder/01-one-client.ts", [anyPort]);
    using client = await RawClient.open(server.port);
    await client.until((text) => text === "What is your name?\n");
    expect(await client.send("Ada\r\n").untilEnd()).toBe("What is your name?\nHello, Ada.\n");
    client.end();
    expect(await server.process.exited).toEqual({ code: 0, signal: null });
    await expect(RawClient.open(server.port)).rejects.toThrow("ECONNREFUSED");
  });

  it.skipIf(!hasNetcat)(`talks to nc${hasNetcat ? "" : " (missing: nc)"}`, async () => {
    await using server = await startExample("ladder/01-one-client.ts", [anyPort]);
    const { stdout } = await runProcess("sh", ["-c", `echo Ada | nc 127.0.0.1 ${server.port}`]);
    expect(stdout).toBe("What is your name?\nHello, Ada.\n");
    expect((await server.process.exited).code).toBe(0);
  });
});

describe("rung 2, one after the other", () => {
  it("serves the second client when the first has gone", async () => {
    await using server = await startExample("ladder/02-one-after-the-other.ts", [anyPort]);
    using first = await RawClient.open(server.port);
    await first.until((text) => text.includes("name?"));
    using second = await RawClient.open(server.port);
    await sleep(100); // time to be wrong in
    expect(second.received).toBe("");
    await first.send("Ada\n").end().untilEnd();
    await second.until((text) => text === "What is your name?\n");
    expect(await second.send("Bob\n").end().untilEnd()).toBe("What is your name?\nHello, Bob.\n");
  });
});

describe("rung 3, threads", () => {
  /** While one client's thread computes, another client is served. */
  async function expectThreads(port: number): Promise<void> {
    using busy = await RawClient.open(port);
    await busy.send("10\nmany\n").until((text) => text === "4\na number of up to 7 digits, please\n");
    busy.send("9999999\n");
    using other = await RawClient.open(port);
    await other.send("100\n").until((text) => text === "25\n");
    expect(busy.received).not.toContain("664579");
    await busy.until((text) => text.endsWith("664579\n"), 25_000);
  }

  it("goes on while a thread computes", async () => {
    await using server = await startExample("ladder/03-threads.ts", [anyPort]);
    await expectThreads(server.port);
  });

  for (const node of nodes) {
    it.skipIf(node.missing !== undefined)(`does so by socle tcp on ${node.label}`, async () => {
      const args = ["tcp", "examples/ladder/03-primes.ts", "-b", anyPort, "--model", "threads:4"];
      await using server = await startSocle(node.path, args);
      await expectThreads(server.port);
    });
  }
});

describe("rung 4, multiplexing by hand", () => {
  let server: Server;
  beforeAll(async () => {
    server = await startExample("ladder/04-multiplexing.ts", [anyPort]);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it("keeps every client's conversation, however its bytes come", async () => {
    using silent = await RawClient.open(server.port);
    const clients = await Promise.all(Array.from({ length: 100 }, () => RawClient.open(server.port)));
    for (const [i, client] of clients.entries()) client.send(`client ${i}`);
    for (const client of clients) client.send("\r\n");
    await Promise.all(
      clients.map((client, i) => client.until((text) => text.includes(`Hello, client ${i}.`))),
    );
    // "ä" in two parts, and several lines in one.
    for (const client of clients) client.send(Buffer.from([0xc3]));
    await sleep(20);
    for (const client of clients) client.send(Buffer.from([0xa4])).send("b\nbye\nnot heard\n");
    const all = await Promise.all(clients.map((client) => client.untilEnd()));
    for (const text of all)
      expect(Buffer.from(text, "latin1").toString()).toMatch(/"bye"\.\nÄB\nGoodbye\.\n$/);
    expect(silent.received).toBe("What is your name?\n");
  });

  it("ends a line that does not end", async () => {
    using client = await RawClient.open(server.port);
    expect(await client.send("x".repeat(1001)).untilEnd()).toContain("That line is too long.\n");
  });

  it("reads no more from one who does not read", async () => {
    const socket = connect(server.port, "127.0.0.1");
    await once(socket, "connect");
    socket.pause();
    // Far more than the system's buffers hold: the writes must come to a standstill.
    const line = Buffer.alloc(1000, "x");
    line[999] = 0x0a;
    const chunk = Buffer.concat(Array.from({ length: 1000 }, () => line));
    for (let i = 0; i < 64; i++) socket.write(chunk);
    await until(async () => {
      const before = socket.bytesWritten - socket.writableLength;
      await sleep(300);
      return before > 0 && socket.bytesWritten - socket.writableLength === before;
    });
    expect(socket.writableLength).toBeGreaterThan(1_000_000);
    socket.destroy();
    using other = await RawClient.open(server.port);
    await other.until((text) => text === "What is your name?\n");
  });
});

describe("rung 5, server and handler", () => {
  it("has a handler for each connection, sees it to its end, and closes by Ctrl-C", async () => {
    await using server = await startExample("ladder/05-handler.ts", [anyPort]);
    using ada = await RawClient.open(server.port);
    await ada.send("Ada\n").until((text) => text.includes("Here: Ada."));
    using bob = await RawClient.open(server.port);
    await bob.send("Bob\n").until((text) => text.includes("Here: Ada, Bob."));
    expect(await bob.send("bye\n").end().untilEnd()).toMatch(/"bye"\.\n$/);
    await ada.send("\n").until((text) => /Here: Ada\.[\s\S]*Here: Ada\. /.test(text));

    using lost = await RawClient.open(server.port);
    await lost.send("Eve\n").until((text) => text.includes("Here: Ada, Eve."));
    lost.socket.resetAndDestroy();
    using carl = await RawClient.open(server.port);
    await carl.send("Carl\n").until((text) => text.includes("Here: Ada, Carl."));

    server.process.kill("SIGINT");
    expect((await server.process.exited).code).toBe(0);
    expect(server.process.stdout).toContain("closed: 2 finished, 0 cut\n");
    expect(server.process.stderr).toBe("");
  });
});

describe("rung 6, HTTP", () => {
  const [byHand, engine] = ["ladder/06-http-by-hand.ts", "ladder/06-http-engine.ts"] as const;

  it.each([byHand, engine])("is answered by %s", async (file) => {
    await using server = await startExample(file, [anyPort]);
    const url = `http://127.0.0.1:${server.port}`;
    expect(await (await fetch(`${url}/hello?a=b`)).text()).toBe(
      `You asked 127.0.0.1:${server.port} for /hello?a=b\n`,
    );
    expect((await fetch(url, { method: "POST", body: "x" })).status).toBe(405);
    expect(statuses(await ask(server.port, "hello\r\n\r\n"))).toEqual([400]);
    const many = `GET / HTTP/1.1\r\nHost: a\r\n${"x: y\r\n".repeat(101)}\r\n`;
    expect(statuses(await ask(server.port, many))).toEqual([431]);
  });

  it("is taken as it comes by hand, and by the rules by the engine", async () => {
    await using hand = await startExample(byHand, [anyPort]);
    await using right = await startExample(engine, [anyPort]);
    for (const ambiguous of [
      "GET / HTTP/1.1\r\n\r\n", // for no host
      "GET / HTTP/1.1\nHost: a\n\n", // with lines that others don't see the end of
      "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ]) {
      expect(statuses(await ask(hand.port, ambiguous))).toEqual([200]);
      expect(statuses(await ask(right.port, ambiguous))).toEqual([400]);
    }
    // The engine keeps the connection for the next request.
    const two = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nHEAD /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    expect(statuses(await ask(hand.port, two))).toEqual([200]);
    expect(statuses(await ask(right.port, two))).toEqual([200, 200]);
  });
});

describe("rung 7, a folder in the browser", () => {
  let folder: string;
  let server: Server;
  let url: string;
  const odd = `<b>&"'?#%.txt`;
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i) % 251));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "ladder-"));
    const shared = join(folder, "shared");
    await mkdir(join(shared, "sub folder"), { recursive: true });
    await writeFile(join(folder, "secret"), "secret");
    await writeFile(join(shared, ".hidden"), "secret");
    await writeFile(join(shared, "page.html"), "<h1>page</h1>");
    await writeFile(join(shared, "empty"), "");
    await writeFile(join(shared, odd), "odd");
    await writeFile(join(shared, "sub folder", "größe.bin"), bytes);
    await symlink("../secret", join(shared, "link-outside"));
    await symlink("page.html", join(shared, "link-inside.html"));
    spawnSync("mkfifo", [join(shared, "pipe")]);
    server = await startExample("ladder/07-folder.ts", [shared, anyPort]);
    url = `http://127.0.0.1:${server.port}`;
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  it("lists what is there, as text and not as HTML of whoever named it", async () => {
    const answer = await fetch(`${url}/`);
    expect(answer.headers.get("content-type")).toBe("text/html;charset=UTF-8");
    const page = await answer.text();
    expect(page).not.toContain("<b>");
    expect(page).not.toContain("hidden");
    expect(page).toContain("&#60;b&#62;&#38;&#34;&#39;?#%.txt</a>");
    const links = [...page.matchAll(/href="([^"]*)"/g)].map(([, href]) => href!);
    expect(links).toHaveLength(7);
    const texts = await Promise.all(
      links.map(async (href) => (await fetch(new URL(href, `${url}/`))).text()),
    );
    expect(texts).toContain("odd");
    expect(texts.join()).not.toContain("secret");
  });

  it("sends files with their type and length, to the last byte", async () => {
    const page = await fetch(`${url}/page.html`);
    expect([page.headers.get("content-type"), await page.text()]).toEqual([
      "text/html;charset=UTF-8",
      "<h1>page</h1>",
    ]);
    expect(await (await fetch(`${url}/link-inside.html?x`)).text()).toBe("<h1>page</h1>");
    expect(await (await fetch(`${url}/empty`)).text()).toBe("");
    const binary = await fetch(`${url}/sub folder/größe.bin`);
    expect(binary.headers.get("content-type")).toBe("application/octet-stream");
    expect(Buffer.from(await binary.arrayBuffer()).equals(bytes)).toBe(true);
    const head = await fetch(`${url}/sub%20folder/gr%C3%B6%C3%9Fe.bin`, { method: "HEAD" });
    expect([head.headers.get("content-length"), await head.text()]).toEqual(["300000", ""]);
  });

  it("sends a folder's name to the folder, and to nowhere else", async () => {
    const answer = await ask(
      server.port,
      "GET /sub%20folder HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    );
    expect(answer).toMatch(/^HTTP\/1\.1 301 [\s\S]*location: \.\/sub%20folder\/\r\n/);
    expect(await (await fetch(`${url}/sub folder`)).text()).toContain("größe.bin");
    const elsewhere = await ask(
      server.port,
      "GET //example.org/.. HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    );
    expect(statuses(elsewhere)).toEqual([404]);
  });

  it.each([
    "/../secret",
    "/%2e%2e/secret",
    "/sub%20folder/../../secret",
    "/..%2fsecret",
    "/%2e%2e%2fsecret",
    "/..%5csecret",
    "/sub%20folder/%2e%2e/%2e%2e/secret",
    "//secret",
    "/%00secret",
    "/%ff",
    "/%zz",
    "/.hidden",
    "/%2ehidden",
    "/link-outside",
    "/pipe",
    "/page.html/",
    "/page.html/x",
    "/nothing",
  ])("finds nothing at %s", async (path) => {
    const answer = await ask(server.port, `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    expect(statuses(answer)).toEqual([404]);
    expect(bodyOf(answer)).toBe("There is no such file.\n");
  });

  it("takes no other method", async () => {
    expect((await fetch(url, { method: "PUT", body: "x" })).status).toBe(405);
  });
});

describe("rung 8, a WSGI-style application", () => {
  it("is served through the adapter, and its middleware", async () => {
    await using server = await startExample("ladder/08-wsgi.ts", [anyPort]);
    const url = `http://127.0.0.1:${server.port}`;
    const answer = await fetch(`${url}/caf%C3%A9?name=Ada%20L.`);
    expect(await answer.text()).toBe("Hello, Ada L..\nThis is /café, by HTTP/1.1.\n");
    expect(answer.headers.get("server-timing")).toMatch(/^app;dur=\d+\.\d{3}$/);
    expect(await (await fetch(url, { method: "HEAD" })).text()).toBe("");
    const malformed = await ask(server.port, "GET /%ff HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    expect(statuses(malformed)).toEqual([400]);
    expect(server.process.stderr).toBe("");
  });
});

/** Adds a note. */
async function note(url: string, body: unknown): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return fetch(`${url}/notes`, { method: "POST", headers, body: JSON.stringify(body) });
}

describe.each(nodes)("on $label", (node) => {
  const skip = node.missing !== undefined;

  it.skipIf(skip)("rung 9, the framework, takes notes", async () => {
    const args = ["serve", "examples/ladder/09-framework.ts:main()", "-b", anyPort];
    await using server = await startSocle(node.path, args);
    const url = `http://127.0.0.1:${server.port}`;
    const created = await note(url, { text: "milk" });
    expect([created.status, await created.json()]).toEqual([201, { id: 1, text: "milk" }]);
    expect(await (await fetch(`${url}/notes/1`)).json()).toEqual({ id: 1, text: "milk" });
    const missing = await fetch(`${url}/notes/2`);
    expect([missing.status, await missing.json()]).toEqual([404, { msg: "there is no note 2" }]);
    expect((await fetch(`${url}/notes/x`)).status).toBe(404);
    expect((await note(url, { text: "" })).status).toBe(400);
    expect((await note(url, { text: 7 })).status).toBe(400);
  });

  it.skipIf(skip)("rung 10, the framework under four workers, has four memories", async () => {
    const readme = readFileSync(`${root}examples/ladder/README.md`, "utf8");
    const [, command = ""] = /npx socle (serve .* -w 4)/.exec(readme) ?? [];
    const args = command.replaceAll("'", "").split(" ");
    await using server = await startSocle(node.path, args, { env: { SOCLE_BIND: anyPort } });
    const url = `http://127.0.0.1:${server.port}`;
    /** Asks on a connection of its own. */
    const look = async (): Promise<{ notes: number; process: number }> =>
      JSON.parse(bodyOf(await ask(server.port, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")));
    const processes = new Set<number>();
    await until(async () => {
      for (const { process } of await Promise.all(Array.from({ length: 40 }, look))) processes.add(process);
      return processes.size === 4;
    });
    await note(url, { text: "milk" });
    const counts = new Set<number>();
    await until(async () => {
      for (const { notes } of await Promise.all(Array.from({ length: 40 }, look))) counts.add(notes);
      return counts.size === 2;
    });
    expect(counts).toEqual(new Set([0, 1]));
  });
});

describe("docs/ladder.md", () => {
  const page = readFileSync(`${root}docs/ladder.md`, "utf8");
  const blocks = [...page.matchAll(/^```ts\n\/\/ file: (\S+)\n([\s\S]*?)^```$/gm)];

  it("shows code of most rungs", () => {
    expect(blocks.length).toBeGreaterThan(6);
  });

  it.each(blocks.map(([, file, code]) => [file!, code!] as const))("has %s as it is", (file, code) => {
    const program = readFileSync(`${root}examples/ladder/${file}`, "utf8");
    expect(code.trim()).toBe(program.replace(/^\/\*\*[\s\S]*?\*\/\n/, "").trim());
  });
});
