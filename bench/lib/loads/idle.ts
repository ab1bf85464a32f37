/** Many open connections, from `loaders/idle.c`, and what the server's resident memory grows by with each. */
import { BenchError, type IdleLoad } from "../benchmark.ts";
import type { LoadDriver } from "../driver.ts";
import { loaderProgram, runLoader, startLoader } from "../loader.ts";
import { settledResidentBytes } from "../memory.ts";
import { checkOpenFiles } from "../open-files.ts";
import { answerBytes, encodeRequest } from "../request.ts";
import { withUsage } from "../usage.ts";

/** Opened and closed before, so that what the first connections bring into memory isn't counted. */
const warmUpConnections = 200;
const mostSeconds = 60;

interface IdleResult {
  connections: number;
  /** How many of them the server had closed at the end. */
  closed: number;
}

export const idle: LoadDriver<IdleLoad> = async (server, { connections, request }, _, cores) => {
  checkOpenFiles(connections);
  const [bytes, text] =
    request === undefined
      ? [0, ""]
      : [await answerBytes(request, server.port), encodeRequest(request, server.port).toString("latin1")];
  const command = (count: number): [string, ...string[]] => [
    loaderProgram("idle"),
    ...[server.port, count, bytes, text].map(String),
  ];

  await runLoader(command(warmUpConnections), cores.load, mostSeconds);
  const before = await settledResidentBytes(server.pid);
  const { result, usage } = await withUsage(server.pid, cores, async () => {
    await using load = startLoader(command(connections), cores.load, mostSeconds);
    await load.said("READY");
    const memory = await settledResidentBytes(server.pid);
    return { memory, ...(await load.result<IdleResult>()) };
  });
  if (result.closed > 0) throw new BenchError(`closed ${result.closed} of ${connections} idle connections`);
  return {
    figures: { memoryPerConnection: (result.memory - before) / connections },
    disturbed: usage.disturbed,
    errors: {},
  };
};
