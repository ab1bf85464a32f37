/** Large content one way, from `loaders/transfer.c`: throughput, CPU time for each MiB, and peak memory. */
import type { Request, TransferLoad } from "../benchmark.ts";
import { type LoadDriver, warmUpSeconds } from "../driver.ts";
import { loaderProgram, runLoader } from "../loader.ts";
import { peakResidentBytes, resetPeak, residentBytes } from "../memory.ts";
import { encodeRequest } from "../request.ts";
import { cpuFigures, withUsage } from "../usage.ts";

const mebibyte = 2 ** 20;

interface TransferResult {
  transfers: number;
  seconds: number;
}

export const transfer: LoadDriver<TransferLoad> = async (server, load, seconds, cores) => {
  const run = (time: number): Promise<TransferResult> =>
    runLoader(
      [loaderProgram("transfer"), ...loaderArguments(load, server.port, time)],
      cores.load,
      time + 60,
    );
  const before = residentBytes(server.pid);
  resetPeak(server.pid);
  await run(warmUpSeconds);
  const { result, usage } = await withUsage(server.pid, cores, () => run(seconds));
  const mebibytes = (result.transfers * load.bytes) / mebibyte;
  return {
    figures: {
      ...cpuFigures(usage, mebibytes),
      rate: mebibytes / result.seconds,
      memoryGrowth: peakResidentBytes(server.pid) - before,
    },
    disturbed: usage.disturbed,
    errors: {},
  };
};

function loaderArguments(
  { direction, bytes, request }: TransferLoad,
  port: number,
  seconds: number,
): string[] {
  const head =
    request === undefined ? "" : transferHead(request, port, direction === "send" ? bytes : undefined);
  const words = [direction, port, seconds, bytes, head].map(String);
  return direction === "send" ? [...words, String(bytes)] : words;
}

/** Each transfer has a connection of its own, so that its end is the connection's end, whatever frames the content. */
function transferHead({ headers, ...request }: Request, port: number, bytes: number | undefined): string {
  const framing = bytes === undefined ? [] : [["Content-Length", String(bytes)] as const];
  return encodeRequest(
    { ...request, headers: [["Connection", "close"], ...headers, ...framing] },
    port,
  ).toString("latin1");
}
