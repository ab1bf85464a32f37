/** Messages that come back, from `loaders/echo.c`. */
import type { EchoLoad } from "../benchmark.ts";
import { type LoadDriver, warmUpSeconds } from "../driver.ts";
import { loaderProgram, runLoader } from "../loader.ts";
import { cpuFigures, withUsage } from "../usage.ts";

interface EchoResult {
  messages: number;
  seconds: number;
  latency: { p50: number; p99: number };
}

export const echo: LoadDriver<EchoLoad> = async (server, { connections, bytes }, seconds, cores) => {
  const run = (time: number): Promise<EchoResult> =>
    runLoader(
      [loaderProgram("echo"), server.port, connections, bytes, time].map(String) as [string],
      cores.load,
      time + 20,
    );
  await run(warmUpSeconds);
  const { result, usage } = await withUsage(server.pid, cores, () => run(seconds));
  return {
    figures: {
      ...cpuFigures(usage, result.messages),
      rate: result.messages / result.seconds,
      ...result.latency,
    },
    disturbed: usage.disturbed,
    errors: {},
  };
};
