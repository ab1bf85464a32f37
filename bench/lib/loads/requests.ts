/** HTTP requests, from `wrk`: one thread that sends the same bytes, or several in turn, on each connection. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { BenchError, type RequestLoad } from "../benchmark.ts";
import { type LoadDriver, warmUpSeconds } from "../driver.ts";
import { loadFolder, runLoader } from "../loader.ts";
import { checkAnswers, requestBytes, withCookies } from "../request.ts";
import { cpuFigures, withUsage } from "../usage.ts";

/** What wrk saw, times in microseconds. */
interface WrkResult {
  requests: number;
  seconds: number;
  /** All that came back, heads and bodies. */
  bytes: number;
  latency: { p50: number; p99: number };
  errors: {
    /** Answers of status 400 and over. */
    status: number;
    connect: number;
    read: number;
    write: number;
    timeout: number;
  };
}

export const requests: LoadDriver<RequestLoad> = async (server, given, seconds, cores) => {
  const load = await withCookies(given, server.port);
  const answerBytes = await checkAnswers(load, server.port);
  await runWrk(load, server.port, warmUpSeconds, cores.load);
  const { result, usage } = await withUsage(server.pid, cores, () =>
    runWrk(load, server.port, seconds, cores.load),
  );
  checkResult(result, answerBytes);
  return {
    figures: {
      ...cpuFigures(usage, result.requests),
      rate: result.requests / result.seconds,
      // wrk can't tell when each of several requests was answered that it sent at once.
      ...(load.pipeline === undefined ? result.latency : {}),
    },
    disturbed: usage.disturbed,
    errors: result.errors,
  };
};

/** A server that fails under load isn't measured: failing is faster than answering. */
function checkResult({ requests, bytes, errors }: WrkResult, answerBytes: number): void {
  if (requests === 0) throw new BenchError("answered no request");
  if (errors.status > 0) {
    throw new BenchError(`answered ${errors.status} of ${requests} requests with an error status`);
  }
  const bytesEach = bytes / requests;
  if (Math.abs(bytesEach / answerBytes - 1) > 0.01) {
    throw new BenchError(
      `answered with ${bytesEach.toFixed(1)} bytes under load, and with ${answerBytes.toFixed(1)} before it`,
    );
  }
}

async function runWrk(load: RequestLoad, port: number, seconds: number, core: number): Promise<WrkResult> {
  const script = join(loadFolder(), "load.lua");
  writeFileSync(script, luaScript(requestBytes(load, port)));
  const { connections = 64 } = load;
  const url = `${load.tls ? "https" : "http"}://127.0.0.1:${port}/`;
  return await runLoader(
    ["wrk", "-t1", `-c${connections}`, `-d${seconds}s`, "-s", script, url],
    core,
    seconds + 10,
  );
}

/**
 * With `wrk.format` replaced, wrk makes a single request once and then sends it without going through Lua again;
 * it counts the requests in it by itself, so pipelining needs no more than several of them.
 */
function luaScript(requests: readonly Buffer[]): string {
  const [first] = requests;
  const source =
    requests.length === 1
      ? `local bytes = "${luaString(first!)}"
wrk.format = function() return bytes end`
      : `local requests = {
${requests.map((bytes) => `"${luaString(bytes)}"`).join(",\n")}
}
local last = 0
wrk.format = function() return requests[1] end
request = function()
  last = last % ${requests.length} + 1
  return requests[last]
end`;
  return `${source}
done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\\nRESULT {"requests":%d,"seconds":%.6f,"bytes":%d,"latency":{"p50":%d,"p99":%d},' ..
    '"errors":{"status":%d,"connect":%d,"read":%d,"write":%d,"timeout":%d}}\\n',
    summary.requests, summary.duration / 1e6, summary.bytes,
    latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect, errors.read, errors.write, errors.timeout))
end
`;
}

function luaString(bytes: Buffer): string {
  let literal = "";
  for (const byte of bytes) {
    const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    literal += isPlain ? String.fromCharCode(byte) : `\\${String(byte).padStart(3, "0")}`;
  }
  return literal;
}
