/**
 * The entry of a process that serves with threads. Its own thread only watches them.
 *
 * Each thread accepts on a descriptor of its own, since the end of a thread closes the descriptor that it listened on
 * for the whole process. A replacement takes a spare one; when none is left, the parent is asked for another process.
 */

import { openWorkerLink, startThread } from "../workers/workers.ts";
import { Balance } from "./balance.ts";
import { Crew } from "./crew.ts";
import { toSentError } from "./sent-error.ts";
import type { FromWorker, ToWorker, WorkerData } from "./server-messages.ts";
import { ActiveReporter, live } from "./worker-life.ts";

const link = await openWorkerLink<ToWorker, FromWorker, WorkerData>();
const { threads = 1, addresses, ...data } = link.data;

/** Sets of descriptors, one for each socket, that no thread has had yet. */
const unused: (readonly number[])[] = [];
for (let first = 0; first < link.listeners.length; first += addresses.length) {
  unused.push(link.listeners.slice(first, first + addresses.length));
}
const counts = Balance.counts(threads);
const reporter = new ActiveReporter(link);
const entry = new URL(
  import.meta.url.endsWith(".ts") ? "./socket-worker.ts" : "./socket-worker.js",
  import.meta.url,
);

const crew = new Crew({
  size: threads,
  noun: "thread",
  patience: 250,
  start(seat, events) {
    const listeners = unused.shift();
    if (listeners === undefined) return undefined;
    const threadData: WorkerData = { ...data, addresses, counts, seat };
    return startThread<ToWorker, FromWorker>({ entry, listeners, data: threadData, ...events });
  },
  onError: (error) => void link.send({ type: "error", error: toSentError(error) }),
  onActive: (connections) => reporter.set(connections),
  ...(data.tellRefused ? { onRefused: (...refusal) => void link.send({ type: "refused", refusal }) } : {}),
  onExhausted: () => void link.send({ type: "replace" }),
});

await live(link, { start: () => crew.start(), stop: (deadline) => crew.stop(deadline) });
