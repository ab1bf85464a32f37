/** Work that goes on after its request was answered, and that a stopping worker waits for. */

export class BackgroundWork {
  readonly #pending: Set<Promise<void>> = new Set();

  /**
   * Takes a promise to wait for. What it is rejected with is told on standard error, in one line.
   * @param origin whose work it is, for that line: `GET /hello`
   */
  add(promise: unknown, origin: string): void {
    const settled: Promise<void> = Promise.resolve(promise).then(
      () => void this.#pending.delete(settled),
      (error: unknown) => {
        this.#pending.delete(settled);
        console.error("%s: work given to waitUntil has failed: %s", origin, inOneLine(error));
      },
    );
    this.#pending.add(settled);
  }

  /** Resolves when nothing is left, nor was added meanwhile. */
  async finished(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }
}

function inOneLine(error: unknown): string {
  let text: string;
  try {
    text = String(error);
  } catch {
    text = "an error that has no text";
  }
  return text.replace(/[\r\n]+\s*/g, " ");
}
