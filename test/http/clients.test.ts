/**
 * The programs that people have, against the engine: plain requests, content by length and in chunks, kept connections.
 * A program that is not installed has its test skipped, by name. Debian's packages: curl, wget, python3,
 * nghttp2-client (h2load), apache2-utils (ab), wrk, slowhttptest, chromium.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import type { ExchangeHandler } from "../../src/http/exchange.ts";
import { runProcess, startProcess } from "../support/process.ts";
import { requireProgram } from "../support/programs.ts";
import { serve } from "./serve.ts";

/** Answers with what was asked, and by what connection: `METHOD target PORT length\n`. Keeps what is posted to /report. */
function recorder(): { handler: ExchangeHandler; lines: string[]; page: string; report: Promise<string> } {
  const lines: string[] = [];
  const { promise, resolve } = Promise.withResolvers<string>();
  const recorded = {
    lines,
    page: "",
    report: promise,
    handler: (async (exchange) => {
      const { method, target } = exchange;
      if (exchange.body !== null) exchange.body.maxBytes = 8 * 1024 * 1024;
      const body = await exchange.body?.bytes();
      if (target === "/page") {
        exchange.respond(200, ["content-type", "text/html;charset=utf-8"], recorded.page);
        return;
      }
      if (target === "/report") resolve(Buffer.from(body ?? "").toString());
      const line = `${method} ${target} ${exchange.connection.remotePort} ${body?.length ?? "-"}\n`;
      lines.push(line);
      exchange.respond(200, ["content-type", "text/plain"], line);
    }) satisfies ExchangeHandler,
  };
  return recorded;
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "socle-clients-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The ports that some lines tell of: one a connection. */
const ports = (lines: readonly string[]) => new Set(lines.map((line) => line.split(" ")[2]));

test("curl: GET, HEAD, POST, chunks with and without waiting for 100, HTTP/1.0, one connection", async (context) => {
  requireProgram(context, "curl");
  const { handler, lines } = recorder();
  const { port, server } = await serve(handler);
  const url = `http://127.0.0.1:${port}`;
  const file = join(await temporaryFolder(), "large");
  await writeFile(file, Buffer.alloc(2_000_000, "x"));
  const curl = async (...args: string[]) => {
    const { code, stdout, stderr } = await runProcess("curl", ["-sS", "--max-time", "20", ...args]);
    expect(code, stderr).toBe(0);
    return stdout;
  };
  expect(await curl(`${url}/1`, `${url}/2?a=b`)).toMatch(/^GET \/1 (\d+) -\nGET \/2\?a=b \1 -\n$/);
  expect(await curl("-I", `${url}/head`)).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\n$/);
  expect(await curl("-d", "hello", `${url}/form`)).toMatch(/^POST \/form \d+ 5\n$/);
  expect(await curl("-H", "Transfer-Encoding: chunked", "-d", "hello", `${url}/chunks`)).toMatch(/ 5\n$/);
  // curl waits for 100 before large content.
  expect(await curl("-T", file, "-H", "Expect: 100-continue", `${url}/put`)).toMatch(/^PUT .* 2000000\n$/);
  expect(await curl("-T", "-", "-H", "Expect:", `${url}/stdin`)).toMatch(/^PUT \/stdin \d+ (0|-)\n$/);
  expect(await curl("-0", `${url}/old`)).toMatch(/^GET \/old /);
  expect(await curl("--path-as-is", "-x", url, "http://elsewhere.example/by/../proxy")).toMatch(
    /^GET \/by\/\.\.\/proxy /,
  );
  expect(lines).toHaveLength(9);
  await expect.poll(() => server.connections).toBe(0);
});

test("wget: GET and POST, several files on one connection", async (context) => {
  requireProgram(context, "wget");
  const { handler, lines } = recorder();
  const { port } = await serve(handler);
  const url = `http://127.0.0.1:${port}`;
  const wget = async (...args: string[]) => {
    const { code, stdout, stderr } = await runProcess("wget", [
      "-q",
      "-T",
      "20",
      "-t",
      "1",
      "-O",
      "-",
      ...args,
    ]);
    expect(code, stderr).toBe(0);
    return stdout;
  };
  expect(await wget(`${url}/1`, `${url}/2`, `${url}/3`)).toMatch(
    /^GET \/1 (\d+) -\nGET \/2 \1 -\nGET \/3 \1 -\n$/,
  );
  expect(await wget("--post-data", "hello", `${url}/post`)).toMatch(/^POST \/post \d+ 5\n$/);
  expect(lines).toHaveLength(4);
});

test("Python's http.client: GET, POST, chunks, HEAD, one connection", async (context) => {
  requireProgram(context, "python3");
  const { handler, lines } = recorder();
  const { port } = await serve(handler);
  const script = `
import http.client, sys
c = http.client.HTTPConnection("127.0.0.1", ${port}, timeout=20)
def ask(method, target, **more):
    c.request(method, target, **more)
    r = c.getresponse()
    sys.stdout.write(str(r.status) + " " + r.read().decode())
ask("GET", "/get")
ask("POST", "/length", body=b"hello")
ask("POST", "/chunks", body=iter([b"he", b"llo"]), encode_chunked=True)
ask("HEAD", "/head")
ask("PUT", "/large", body=b"x" * 3000000)
ask("GET", "/close", headers={"Connection": "close"})
`;
  const { code, stdout, stderr } = await runProcess("python3", ["-c", script]);
  expect(code, stderr).toBe(0);
  expect(stdout.replaceAll(/ \d{4,5} /g, " P ")).toBe(
    "200 GET /get P -\n200 POST /length P 5\n200 POST /chunks P 5\n200 200 PUT /large P 3000000\n200 GET /close P -\n",
  );
  expect(ports(lines).size).toBe(1);
});

test("h2load: HTTP/1.1, 4 connections, pipelined", async (context) => {
  requireProgram(context, "h2load");
  const { handler, lines } = recorder();
  const { port } = await serve(handler);
  const args = ["--h1", "-n", "400", "-c", "4", "-m", "8", `http://127.0.0.1:${port}/load`];
  const { code, stdout, stderr } = await runProcess("h2load", args);
  expect(code, stderr).toBe(0);
  expect(stdout).toContain("400 succeeded, 0 failed, 0 errored");
  expect(ports(lines).size).toBe(4);
});

test("ab: HTTP/1.0, kept connections", async (context) => {
  requireProgram(context, "ab");
  const { handler, lines } = recorder();
  const { port } = await serve(handler);
  const { code, stdout, stderr } = await runProcess("ab", [
    "-k",
    "-n",
    "400",
    "-c",
    "4",
    `http://127.0.0.1:${port}/load`,
  ]);
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/Complete requests:\s+400\nFailed requests:\s+0\nKeep-Alive requests:\s+400\n/);
  expect(ports(lines).size).toBe(4);
});

test("wrk: 8 connections for a second", async (context) => {
  requireProgram(context, "wrk");
  const { handler } = recorder();
  const { port, server } = await serve(handler, { limits: { maxRequestsPerConnection: 0 } });
  const { code, stdout } = await runProcess("wrk", [
    "-t",
    "1",
    "-c",
    "8",
    "-d",
    "1s",
    `http://127.0.0.1:${port}/load`,
  ]);
  expect(code, stdout).toBe(0);
  expect(stdout).toMatch(/[1-9]\d* requests in/);
  expect(stdout).not.toMatch(/Socket errors|Non-2xx/);
  await expect.poll(() => server.connections).toBe(0);
});

test("Chromium: a page, fetches, an upload, a form, targets as a browser leaves them", async (context) => {
  requireProgram(context, "chromium");
  const recorded = recorder();
  const { port } = await serve(recorded.handler);
  recorded.page = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module">
    const ask = async (target, init) => {
      const response = await fetch(target, init);
      return response.status + " " + (await response.text()).replace(/ \\d+ (\\S+)\\n/, " $1");
    };
    const form = new FormData();
    form.append("file", new Blob(["x".repeat(100)]), "a.txt");
    const answers = [];
    answers.push(await ask("/get?q=1"));
    answers.push(await ask("/post", { method: "POST", body: "hello" }));
    answers.push(await ask("/large", { method: "PUT", body: new Blob(["x".repeat(1 << 20)]) }));
    answers.push((await ask("/form", { method: "POST", body: form })).replace(/ \\d+$/, " N"));
    answers.push(await ask("/head", { method: "HEAD" }));
    answers.push(await ask("/[]|^\\"<>\`{}é %zz?[]|^\\"<>\`{}\\\\é'#fragment"));
    answers.push(...await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((n) => ask("/" + n))));
    await fetch("/report", { method: "POST", body: answers.join("\\n") });
  </script>`;
  const profile = await temporaryFolder();
  await using browser = startProcess(
    "chromium",
    [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      `--user-data-dir=${profile}`,
      `http://127.0.0.1:${port}/page`,
    ],
    { env: { HOME: profile } },
  );
  const ended = browser.exited.then(() => `the browser ended: ${browser.stderr}`);
  const answers = (await Promise.race([recorded.report, ended])).split("\n");
  expect(answers.slice(0, 5)).toEqual([
    "200 GET /get?q=1 -",
    "200 POST /post 5",
    "200 PUT /large 1048576",
    "200 POST /form N",
    "200 ",
  ]);
  expect(answers[5]).toMatch(
    /^200 GET \/\[\](\||%7C)(\^|%5E)%22%3C%3E%60%7B%7D%C3%A9%20%zz\?\[\]\|\^%22%3C%3E`\{\}\\%C3%A9%27 -$/,
  );
  expect(answers.slice(6)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((n) => `200 GET /${n} -`));
  // A browser opens six connections to a host, and keeps them.
  expect(ports(recorded.lines).size).toBeLessThanOrEqual(7);
  browser.killGroup("SIGTERM");
});

test.for<[string, string, string[]]>([
  ["headers", "/", ["-H", "-i", "1"]],
  ["content", "/", ["-B", "-i", "1", "-s", "8192"]],
  ["reading", "/large", ["-X", "-w", "16", "-y", "64", "-n", "1", "-z", "16", "-k", "4"]],
])("slowhttptest: slow %s", async ([_, target, mode], context) => {
  requireProgram(context, "slowhttptest");
  const large = Buffer.alloc(4 * 1024 * 1024);
  const { handler } = recorder();
  const { port, server, errors } = await serve(
    (exchange) => (exchange.target === "/large" ? exchange.respond(200, [], large) : handler(exchange)),
    {
      limits: {
        firstByteTimeout: 1000,
        headersTimeout: 1000,
        bodyTimeout: 1000,
        writeTimeout: 1000,
        rateGrace: 1000,
      },
    },
  );
  const load = ["-c", "100", "-r", "100", "-l", "5", "-p", "5", "-u", `http://127.0.0.1:${port}${target}`];
  const { stdout } = await runProcess("slowhttptest", [...mode, ...load]);
  const plain = stripVTControlCharacters(stdout);
  const availability = [...plain.matchAll(/service available:\s+(\w+)/g)].map((match) => match[1]);
  expect(availability.length, plain).toBeGreaterThan(0);
  expect(new Set(availability)).toEqual(new Set(["YES"]));
  // None is left, whether the tool gave up or not.
  await expect.poll(() => server.connections, { timeout: 5000 }).toBe(0);
  expect(errors.filter((error) => (error as { status?: number }).status !== 408)).toEqual([]);
});
