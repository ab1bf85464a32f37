/** What a listener does when its process has used up its file descriptors. */
import { expect, test } from "vitest";
import { startProcess } from "../../test/support/process.ts";
import { RawClient } from "../../test/support/raw-client.ts";
import { until } from "../../test/support/until.ts";

const program = `
  import { Listener } from ${JSON.stringify(new URL("./listener/listener.ts", import.meta.url).href)};
  const onTransport = (transport) =>
    transport.start({
      onData: (chunk) => transport.write(Uint8Array.from(chunk)),
      onEnd: () => transport.end(),
      onDrain() {},
      onClose() {},
    });
  const listener = await Listener.open({ kind: "tcp", host: "127.0.0.1", port: 0 }, onTransport);
  console.log("port " + listener.address.port);
  setInterval(async () => {
    const { user, system } = process.cpuUsage();
    console.log("tick " + (await listener.countConnections()) + " " + Math.round((user + system) / 1000));
  }, 50);`;

test("connections are ended at once while there are none, and accepted when there are some again", {
  retry: 3,
}, async () => {
  await using child = startProcess("sh", [
    "-c",
    'ulimit -n 64; exec "$0" --input-type=module -e "$1"',
    process.execPath,
    program,
  ]);
  const [, port] = await child.waitFor(/port (\d+)/);
  const clients: RawClient[] = [];
  for (let n = 0; n < 100; n++) clients.push(await RawClient.open(Number(port)));
  const served = (): RawClient[] => clients.filter(({ ended }) => ended === undefined);
  await until(() => served().length < 60);
  // Those that it has, it serves on.
  const [first, ...rest] = served();
  expect(rest.length).toBeGreaterThan(10);
  await first!.send("a").until((received) => received === "a");
  // It is not busy with what it can't have.
  const [, before] = await nextTick();
  for (let n = 0; n < 9; n++) await nextTick();
  const [, after] = await nextTick();
  expect(after - before).toBeLessThan(250); // of the 500 ms that ten ticks take
  for (const client of rest) client.close();
  await child.waitFor(/tick 1 /);
  for (let n = 0; n < 20; n++) {
    using client = await RawClient.open(Number(port));
    await client.send("b").until((received) => received === "b");
  }
  await first!.send("c").until((received) => received === "ac");
  expect(child.stderr).toBe("");
  first!.close();

  /** The next count of connections, and the milliseconds of CPU used so far. */
  async function nextTick(): Promise<[number, number]> {
    const from = child.stdout.length;
    let tick: RegExpExecArray | null = null;
    await until(() => (tick = /tick (\d+) (\d+)\n/.exec(child.stdout.slice(from))) !== null);
    return [Number(tick![1]), Number(tick![2])];
  }
});
