/** The entry of a process or thread that serves a socket server's connections. The parent's view of it is crew.ts. */

import { BindError, bindError } from "../listener/bind.ts";
import { Listener } from "../listener/listener.ts";
import type { Transport } from "../transport/transport.ts";
import { openWorkerLink } from "../workers/workers.ts";
import { Balance } from "./balance.ts";
import { ConnectionRunner } from "./connection-runner.ts";
import { loadHandler } from "./handler-module.ts";
import { toSentError } from "./sent-error.ts";
import type { FromWorker, Refusal, ToWorker, WorkerData } from "./server-messages.ts";
import { ActiveReporter, live } from "./worker-life.ts";

const link = await openWorkerLink<ToWorker, FromWorker, WorkerData>();
const { data } = link;

const reporter = new ActiveReporter(link);
const balance = data.counts === undefined ? undefined : new Balance(data.counts, data.seat!);
const listeners: Listener[] = [];
let runner: ConnectionRunner | undefined;

const sendError = (error: unknown): void => {
  void link.send({ type: "error", error: toSentError(error) });
};

await live(link, {
  async start() {
    const handler = await loadHandler(data.handler, data.cwd);
    runner = new ConnectionRunner(handler, {
      connection: data.options,
      onError: sendError,
      onActive(connections) {
        balance?.set(connections);
        reporter.set(connections);
      },
    });
    for (const [index, fd] of link.listeners.entries()) listeners.push(await listen(fd, index));
  },

  stop(deadline) {
    for (const listener of listeners.splice(0)) listener.close();
    return runner!.close(deadline);
  },
});

async function listen(fd: number, index: number): Promise<Listener> {
  try {
    return await Listener.open({ fd }, serve, {
      ...data.options,
      onError: sendError,
      ...(data.tellRefused ? { onRefused: sendRefusal } : {}),
    });
  } catch (error) {
    // It knows a descriptor; the user knows the address.
    throw error instanceof BindError ? bindError(data.addresses[index]!, error.code) : error;
  }
}

function sendRefusal(...refusal: Refusal): void {
  void link.send({ type: "refused", refusal });
}

function serve(transport: Transport): void {
  void runner!.serve(transport);
  balance?.yield();
}
