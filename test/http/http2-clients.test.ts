/** The usual clients of HTTP/2 against the server, each a real program. */
import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import type { ExchangeHandler } from "../../src/http/exchange.ts";
import { missingOpenssl } from "../support/certificates.ts";
import { serveTls, testCertificates } from "../support/tls-server.ts";

const exec = promisify(execFile);

/** Why a program can't be run here, for a test's title; empty when it can. */
function missing(program: string, ...marks: string[]): string {
  if (missingOpenssl !== "") return missingOpenssl;
  const { stdout, error } = spawnSync(program, ["--version"], { encoding: "utf8" });
  if (error !== undefined) return `(skipped: there is no ${program})`;
  return marks.every((mark) => stdout.includes(mark))
    ? ""
    : `(skipped: ${program} is without ${marks.join()})`;
}

const curl = missing("curl", "HTTP2");
const nghttp = missing("nghttp");
const h2load = missing("h2load");

const handler: ExchangeHandler = async (exchange) => {
  if (exchange.target === "/hints") exchange.inform(103, ["link", "</style.css>; rel=preload"]);
  if (exchange.target === "/large") {
    const writer = exchange.start(200, []);
    for (let i = 0; i < 50; i++) await writer.write(Buffer.alloc(100_000, 97 + (i % 26)));
    writer.end(["x-pieces", "50"]);
    return;
  }
  const body = (await exchange.body?.bytes()) ?? null;
  exchange.respond(200, ["x-version", exchange.httpVersion, "x-method", exchange.method], body ?? "hello");
};

describe.skipIf(curl !== "")(`curl ${curl}`, () => {
  async function run(port: number, path: string, ...args: string[]): Promise<string> {
    const { caFile } = await testCertificates();
    const url = `https://localhost:${port}${path}`;
    const { stdout } = await exec("curl", ["-sS", "--cacert", caFile, "--max-time", "30", ...args, url], {
      encoding: "latin1",
      maxBuffer: 64e6,
    });
    return stdout;
  }

  test("speaks HTTP/2 where it may, and HTTP/1.1 where it must", async () => {
    const { port } = await serveTls(handler);
    expect(await run(port, "/", "-i", "--http2")).toMatch(
      /^HTTP\/2 200 \r\nx-version: 2\.0\r\n[\s\S]*\r\n\r\nhello$/,
    );
    expect(await run(port, "/", "-i", "--http1.1")).toContain("x-version: 1.1");
  });

  test("gets interim answers, large ones, and answers to HEAD", async () => {
    const { port } = await serveTls(handler);
    const hints = await run(port, "/hints", "-i", "--http2");
    expect(hints).toMatch(/^HTTP\/2 103 \r\nlink: <\/style.css>; rel=preload\r\n\r\nHTTP\/2 200 /);
    expect((await run(port, "/large", "--http2")).length).toBe(5_000_000);
    expect(await run(port, "/", "-I", "--http2")).toContain("x-method: HEAD");
  });

  test("posts, uploads, and uses one connection for many", async () => {
    const { port } = await serveTls(handler, { limits: { maxBodyBytes: 4_000_000 } });
    expect(await run(port, "/", "--http2", "-d", "a=b")).toBe("a=b");
    const directory = await mkdtemp(join(tmpdir(), "socle-curl-"));
    onTestFinished(() => rm(directory, { recursive: true }));
    const file = join(directory, "upload");
    await writeFile(file, "0123456789".repeat(300_000));
    const put = ["--http2", "-T", file];
    expect((await run(port, "/", ...put)).length).toBe(3_000_000);
    expect((await run(port, "/", ...put, "-H", "expect: 100-continue")).length).toBe(3_000_000);
    const many = await run(
      port,
      "/[1-150]",
      "--http2",
      "--parallel",
      "-w",
      "%{num_connects}\n",
      "-o",
      "/dev/null",
    );
    expect(many.split("\n").filter(Boolean).length).toBe(150);
    expect(many.split("\n").filter((line) => line === "1").length).toBeLessThan(10);
  });
});

test.skipIf(nghttp !== "")(`nghttp gets answers and trailers, and sends them ${nghttp}`, async () => {
  const { port } = await serveTls(handler);
  const url = (path: string): string => `https://localhost:${port}${path}`;
  const { stdout } = await exec("nghttp", ["-v", url("/large"), url("/hints")], {
    maxBuffer: 64e6,
    encoding: "latin1",
  });
  expect(stdout).toContain("x-pieces: 50");
  expect(stdout).toContain(":status: 103");
  expect(stdout).not.toContain("INVALID");
  const directory = await mkdtemp(join(tmpdir(), "socle-nghttp-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const file = join(directory, "upload");
  await writeFile(file, "x".repeat(100_000));
  const posted = await exec("nghttp", ["-d", file, "--trailer", "x-sum: 1", url("/")], { maxBuffer: 64e6 });
  expect(posted.stdout.length).toBe(100_000);
});

test.skipIf(h2load !== "")(`h2load has every request answered ${h2load}`, async () => {
  const { port, server } = await serveTls(handler, { limits: { maxRequestsPerConnection: 0 } });
  const args = ["-n", "2000", "-c", "4", "-m", "50", `https://localhost:${port}/`];
  const { stdout } = await exec("h2load", args);
  expect(stdout).toContain("2000 total, 2000 started, 2000 done, 2000 succeeded, 0 failed, 0 errored");
  await expect.poll(() => server.connections, { timeout: 10_000 }).toBe(0);
});
