/** Progress on a terminal: a bar for each task, drawn anew in place. Elsewhere, in a log, a line now and then. */

export interface Task {
  /** How much is done, in bytes. */
  done: number;
  readonly total: number;
  readonly label: string;
}

const TERMINAL_INTERVAL = 100;
const LOG_INTERVAL = 2000;
/** The rate is that of the last few seconds. */
const RATE_WINDOW = 3000;

export class ProgressDisplay {
  readonly #output: NodeJS.WriteStream;
  readonly #isTerminal: boolean;
  readonly #tasks: Map<Task, Samples> = new Map();
  #timer: NodeJS.Timeout | undefined;
  /** Lines that are drawn now. */
  #drawn = 0;

  constructor(output: NodeJS.WriteStream = process.stderr) {
    this.#output = output;
    this.#isTerminal = output.isTTY === true && process.env["TERM"] !== "dumb";
  }

  /** Shows a task, from now until `end`. Its `done` is looked at from time to time. */
  begin(label: string, total: number, done = 0): Task {
    const task: Task = { label, total, done };
    this.#tasks.set(task, new Samples(done));
    this.#timer ??= setInterval(
      () => this.#draw(),
      this.#isTerminal ? TERMINAL_INTERVAL : LOG_INTERVAL,
    ).unref();
    return task;
  }

  end(task: Task): void {
    this.#tasks.delete(task);
    this.#erase();
    if (this.#tasks.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Writes a line that stays, above the bars. */
  say(line: string): void {
    this.#erase();
    this.#output.write(`${line}\n`);
    if (this.#isTerminal) this.#draw();
  }

  #draw(): void {
    const width = this.#output.columns ?? 80;
    const lines = Array.from(this.#tasks, ([task, samples]) => {
      const line = new Line(task, samples.rate(task.done));
      return this.#isTerminal ? line.bar(width - 1, hasColors(this.#output)) : line.plain();
    });
    this.#erase();
    for (const line of lines) this.#output.write(`${line}\n`);
    if (this.#isTerminal) this.#drawn = lines.length;
  }

  #erase(): void {
    if (this.#drawn > 0) this.#output.write(`\x1b[${this.#drawn}A\x1b[J`);
    this.#drawn = 0;
  }
}

/** How far a task was at which time, not longer ago than the rate looks back. */
class Samples {
  readonly #samples: { readonly at: number; readonly done: number }[];

  constructor(done: number) {
    this.#samples = [{ at: performance.now(), done }];
  }

  /** Bytes a second; undefined where it is too early to tell. */
  rate(done: number): number | undefined {
    const at = performance.now();
    const samples = this.#samples;
    samples.push({ at, done });
    while (samples.length > 2 && at - samples[1]!.at > RATE_WINDOW) samples.shift();
    const { at: since, done: before } = samples[0]!;
    return at - since < 50 ? undefined : ((done - before) * 1000) / (at - since);
  }
}

/** A task's line. */
class Line {
  readonly #label: string;
  readonly #fraction: number;
  readonly #percent: string;
  readonly #amount: string;
  readonly #rate: string;
  readonly #left: string;

  constructor({ label, done, total }: Task, rate: number | undefined) {
    this.#label = label;
    this.#fraction = total === 0 ? 1 : done / total;
    this.#percent = `${Math.floor(this.#fraction * 100)} %`.padStart(5);
    this.#amount = `${formatBytes(done)} of ${formatBytes(total)}`;
    this.#rate = rate === undefined ? "" : `${formatBytes(rate)}/s`;
    this.#left = rate === undefined || rate < 1 ? "" : `${formatTime((total - done) / rate)} left`;
  }

  plain(): string {
    return [`${this.#label}:${this.#percent}`, this.#amount, this.#rate, this.#left]
      .filter(Boolean)
      .join(", ");
  }

  /** For a terminal: the less there is room for, the less is said. */
  bar(width: number, colors: boolean): string {
    const label = inColumns(this.#label, Math.max(8, Math.min(30, Math.floor(width / 4))));
    const facts = [this.#percent, this.#amount.padStart(20), this.#rate.padStart(10), this.#left.padStart(9)];
    const room = () => width - columns(label) - 2 - facts.join("  ").length - 2;
    while (facts.length > 1 && room() < 10) facts.pop();
    const cells = Math.max(0, Math.min(40, room()));
    const full = Math.round(cells * this.#fraction);
    const bar = colors
      ? `\x1b[36m${"━".repeat(full)}\x1b[0;2m${"━".repeat(cells - full)}\x1b[0m`
      : "━".repeat(full) + "─".repeat(cells - full);
    return `${label}  ${bar}  ${facts.join("  ")}`;
  }
}

/** `1.5 MB`: decimal units, as disks and networks are sold by. */
export function formatBytes(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB", "PB"];
  let unit = 0;
  let amount = bytes;
  while (amount >= 999.95 && unit < units.length - 1) {
    amount /= 1000;
    unit++;
  }
  return `${unit === 0 ? Math.round(amount) : amount.toFixed(1)} ${units[unit]}`;
}

/** `0:07`, `12:30`, `3:05:00`. */
export function formatTime(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

function hasColors(output: NodeJS.WriteStream): boolean {
  return output.isTTY === true && output.hasColors();
}

/** Characters that take two columns of a terminal: the East Asian ones and most emoji. */
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{3fffd}]/u;

/** How many columns a text takes. */
function columns(text: string): number {
  let count = 0;
  for (const character of text) count += wide.test(character) ? 2 : 1;
  return count;
}

/** The text in so many columns: filled up with spaces, or with its middle left out. */
function inColumns(text: string, width: number): string {
  const characters = [...text];
  let shown = text;
  for (let kept = width - 1; columns(shown) > width; kept--) {
    const end = Math.floor(kept / 2);
    shown = `${characters.slice(0, kept - end).join("")}…${characters.slice(characters.length - end).join("")}`;
  }
  return shown + " ".repeat(width - columns(shown));
}
