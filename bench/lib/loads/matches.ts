/** A router that measures itself, in `peers/router/`: it is told how long, and says what came of it. */
import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import type { MatchLoad } from "../benchmark.ts";
import { type LoadDriver, warmUpSeconds } from "../driver.ts";
import { withUsage } from "../usage.ts";

/** Microseconds by kind of path. */
type Times = Record<"static" | "param" | "params" | "rest" | "miss", number>;

export const matches: LoadDriver<MatchLoad> = async (server, _, seconds, cores) => {
  const { result, usage } = await withUsage(server.pid, cores, async () => {
    const socket = connect(server.port, "127.0.0.1");
    socket.setTimeout((warmUpSeconds + seconds + 60) * 1000, () =>
      socket.destroy(new Error("took too long")),
    );
    await once(socket, "connect");
    socket.write(`${warmUpSeconds} ${seconds}\n`);
    return JSON.parse(await text(socket)) as Times;
  });
  const times = Object.values(result);
  return {
    figures: {
      match: times.reduce((sum, time) => sum + time) / times.length,
      matchStatic: result.static,
      matchParam: result.param,
      matchParams: result.params,
      matchRest: result.rest,
      matchMiss: result.miss,
    },
    disturbed: usage.disturbed,
    errors: {},
  };
};
