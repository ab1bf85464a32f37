/**
 * The machine's redis-server, for tests: one of its own for each, on a free port of the loopback, with nothing kept on disk.
 *
 *     const redis = await findRedis();
 *     describe.skipIf(redis.missing !== undefined)(`with ${redis.label}`, () => {
 *       test("…", async () => {
 *         await using server = await redis.start();
 *         connect(server.url);
 *       });
 *     });
 */
import { execFile } from "node:child_process";
import { createServer } from "node:net";
import { promisify } from "node:util";
import { startProcess, type TestProcess } from "./process.ts";

export interface TestRedis {
  /** Names the server in test titles, with its version, or with why it is missing. */
  readonly label: string;
  /** Why there is none here. */
  readonly missing?: string;
  /** Starts one. @param port one that was used before; by default a free one */
  start(port?: number): Promise<RedisServer>;
}

export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** To stop it (SIGSTOP), so that it takes connections and answers nothing, and to let it go on (SIGCONT). */
  readonly process: TestProcess;
}

const exec = promisify(execFile);

export async function findRedis(): Promise<TestRedis> {
  try {
    const { stdout } = await exec("redis-server", ["--version"]);
    return { label: `Redis ${/v=([\d.]+)/.exec(stdout)?.[1]}`, start };
  } catch {
    const missing = "there is no redis-server on PATH";
    return {
      label: `Redis: missing, ${missing}`,
      missing,
      start: () => Promise.reject(new Error(missing)),
    };
  }
}

async function start(port?: number): Promise<RedisServer> {
  const used = port ?? (await freePort());
  const options = ["--port", String(used), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  const process = startProcess("redis-server", options);
  await process.waitFor(/Ready to accept connections/);
  return {
    url: `redis://127.0.0.1:${used}`,
    port: used,
    process,
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || address === null) throw new Error("not a TCP address");
  return address.port;
}
