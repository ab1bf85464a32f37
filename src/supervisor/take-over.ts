/**
 * How a new parent takes over from an old one without the port ever being closed: the old one starts it, with the sockets, and stops
 * only when the new one's workers serve. If the new one can't, the old one goes on.
 */
import { accessSync, constants } from "node:fs";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Address } from "../net/address.ts";
import { adopt, type BoundListener } from "../net/listener/bind.ts";
import { describeExit, openWorkerLink, startProcess } from "../net/workers/workers.ts";
import { SupervisorError } from "./serve-options.ts";

/** Tells a process that it is to take over from the one that has started it. */
const variable = "SOCLE_TAKE_OVER";

/** A socket as it is handed over. */
export interface HandedListener {
  /** The address that was asked for, as text: port 0 is not the port that the system has chosen. */
  readonly asked: string;
  /** The address that it has. */
  readonly address: Address;
}

interface TakeOverData {
  readonly listeners: readonly HandedListener[];
}

type FromSuccessor = { readonly type: "serving" };

/**
 * Starts this very program once more, by the names that it was started by: a link to it or to Node may lead to another version by now.
 * @param listeners the sockets, with their descriptors
 * @param timeout milliseconds that it has until it serves; then it is killed
 * @returns its process id, once it serves
 * @throws SupervisorError if it doesn't come to serve
 */
export function startSuccessor(
  listeners: readonly (HandedListener & { readonly fd: number })[],
  timeout: number,
): Promise<number> {
  const data: TakeOverData = { listeners: listeners.map(({ asked, address }) => ({ asked, address })) };
  return new Promise((resolve, reject) => {
    let failure: string | undefined;
    const timer = setTimeout(() => {
      failure = `the new server was not ready within ${timeout / 1000} s and was killed`;
      successor.kill("SIGKILL");
    }, timeout);
    const successor = startProcess<object, FromSuccessor>({
      entry: pathToFileURL(process.argv[1] as string),
      args: process.argv.slice(2),
      execPath: currentNode(),
      inheritStdin: true,
      env: { ...process.env, [variable]: "1" },
      listeners: listeners.map(({ fd }) => fd),
      data,
      onMessage() {
        clearTimeout(timer);
        successor.release();
        resolve(successor.pid as number);
      },
      onExit(exit) {
        clearTimeout(timer);
        reject(new SupervisorError(failure ?? `the new server ${describeExit(exit)} before it was ready`));
      },
    });
  });
}

/** What a process has taken over. */
export interface TakenOver {
  /** The socket that was bound for an address, or undefined. Each is given once. */
  take(asked: string): BoundListener | undefined;
  /** Tells the old server that its workers may go, and closes what nobody has asked for. */
  announce(): Promise<void>;
}

/** Takes over, if this process was started for it. Called once, at the start. */
export async function takeOver(): Promise<TakenOver | undefined> {
  if (process.env[variable] === undefined) return undefined;
  // What this one starts is no successor of its own.
  delete process.env[variable];
  if (process.send === undefined) return undefined;
  const link = await openWorkerLink<object, FromSuccessor, TakeOverData>();
  // Where nothing comes of it this process ends, and does not wait for more messages.
  process.channel?.unref();
  const left = link.data.listeners.map(({ asked, address }, index) => ({
    asked,
    listener: adopt(link.listeners[index] as number, address),
  }));
  return {
    take(asked) {
      const index = left.findIndex((handed) => handed.asked === asked);
      return index < 0 ? undefined : left.splice(index, 1)[0]?.listener;
    },
    async announce() {
      for (const { listener } of left.splice(0)) listener.close();
      await link.send({ type: "serving" });
    },
  };
}

/** Node by the name that it was started by. */
function currentNode(): string {
  const { argv0, execPath } = process;
  if (isAbsolute(argv0)) return executable(argv0) ?? execPath;
  if (argv0.includes("/")) return executable(resolve(argv0)) ?? execPath;
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const found = executable(join(folder, argv0));
    if (found !== undefined) return found;
  }
  return execPath;
}

function executable(path: string): string | undefined {
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return undefined;
  }
}
