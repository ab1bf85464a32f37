/**
 * Looks after the event loop of its process from a thread of its own, and tells what blocks it: the stack of the JavaScript that is
 * running, and the request that it was called for, as far as the stack knows it. The thread's inspector session pauses the main
 * thread for that and lets it go on; no port is opened.
 *
 * What it has to say it writes to standard error itself: the main thread, by which all else goes, is just what is not to be had.
 */
import { writeSync } from "node:fs";
import { Session } from "node:inspector";
import { fileURLToPath } from "node:url";
import { isMainThread, Worker, workerData } from "node:worker_threads";

interface WatchdogData {
  /** One number: how often the main thread's event loop has come round. */
  readonly rounds: Int32Array;
  /** Milliseconds without a round from which on the loop is blocked. */
  readonly limit: number;
  readonly pid: number;
}

interface CallFrame {
  readonly callFrameId: string;
  readonly functionName: string;
  readonly location: {
    readonly scriptId: string;
    readonly lineNumber: number;
    readonly columnNumber?: number;
  };
}

/** Frames that are shown. */
const maxFrames = 12;

/**
 * Has the event loop of this process watched.
 * @param limit milliseconds that it may be blocked
 * @returns ends it
 */
export function watchEventLoop(limit: number): () => void {
  const rounds = new Int32Array(new SharedArrayBuffer(4));
  const data: WatchdogData = { rounds, limit, pid: process.pid };
  // Four looks a limit: what is told late is late by a quarter.
  const timer = setInterval(() => Atomics.add(rounds, 0, 1), limit / 4);
  timer.unref();
  const thread = new Worker(new URL(import.meta.url), {
    workerData: { watchdog: data },
    execArgv: [],
    stdin: false,
  });
  thread.unref();
  thread.on("error", (error) => console.error("the watchdog of the event loop has failed:", error));
  return () => {
    clearInterval(timer);
    void thread.terminate();
  };
}

/** What the thread does for as long as it lives. */
function watch({ rounds, limit, pid }: WatchdogData): void {
  let seen = -1;
  let since = performance.now();
  let told = false;
  setInterval(() => {
    const now = performance.now();
    const current = Atomics.load(rounds, 0);
    if (current !== seen) {
      if (told) write(`socle: worker ${pid}: its event loop goes on after ${seconds(now - since)}\n`);
      seen = current;
      since = now;
      told = false;
    } else if (!told && now - since > limit) {
      told = true;
      tellStack(pid, now - since);
    }
  }, limit / 4);
}

function tellStack(pid: number, blocked: number): void {
  const session = new Session();
  session.connectToMainThread();
  const scripts = new Map<string, string>();
  session.on("Debugger.scriptParsed", ({ params }) => void scripts.set(params.scriptId, params.url));
  session.on("Debugger.paused", ({ params }) => {
    const frames = params.callFrames as unknown as readonly CallFrame[];
    requestOf(session, frames, (request) => {
      const served = request === undefined ? "" : ` while it serves ${request}`;
      const stack = frames
        .slice(0, maxFrames)
        .map((frame) => describeFrame(frame, scripts))
        .join("");
      write(
        `socle: worker ${pid}: its event loop has been blocked for ${seconds(blocked)}${served}:\n${stack}`,
      );
      session.post("Debugger.resume", () => session.disconnect());
    });
  });
  session.post("Debugger.enable");
  session.post("Debugger.pause");
}

/** Asks the frames of our own, from the innermost, for the request that they are called with. */
function requestOf(
  session: Session,
  frames: readonly CallFrame[],
  take: (request: string | undefined) => void,
): void {
  const ours = frames.filter(
    ({ functionName }) => functionName === "handleExchange" || functionName.endsWith(".handleExchange"),
  );
  const [frame] = ours;
  if (frame === undefined) {
    take(undefined);
    return;
  }
  const expression = "typeof exchange === 'object' ? exchange.method + ' ' + exchange.target : undefined";
  const { callFrameId } = frame;
  session.post(
    "Debugger.evaluateOnCallFrame",
    { callFrameId, expression, silent: true, returnByValue: true, throwOnSideEffect: false },
    (_, answer) => {
      const value: unknown = answer?.result.value;
      take(typeof value === "string" ? printable(value) : undefined);
    },
  );
}

/** A client's text, in one line and without what a terminal would take for commands. */
function printable(text: string): string {
  return JSON.stringify(text.slice(0, 500)).slice(1, -1);
}

function describeFrame({ functionName, location }: CallFrame, scripts: ReadonlyMap<string, string>): string {
  const url = scripts.get(location.scriptId) ?? "";
  const file = url.startsWith("file:") ? fileURLToPath(url) : url;
  const place = `${file}:${location.lineNumber + 1}:${(location.columnNumber ?? 0) + 1}`;
  return `    at ${functionName === "" ? place : `${functionName} (${place})`}\n`;
}

function seconds(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

function write(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // Nobody reads it: there is no one else to tell.
  }
}

if (!isMainThread && (workerData as { watchdog?: WatchdogData } | null)?.watchdog !== undefined) {
  watch((workerData as { watchdog: WatchdogData }).watchdog);
}
