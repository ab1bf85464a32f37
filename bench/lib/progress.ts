/** What is going on, for who waits: on standard error, so that the results can be piped. */

/** A line that is only passing is shown on a terminal, until the next takes its place. */
export function progressLine(line: string, isPassing = false): void {
  if (!process.stderr.isTTY) {
    if (!isPassing) process.stderr.write(`${line}\n`);
    return;
  }
  process.stderr.write(`\r\x1b[K${line}${isPassing ? " …" : "\n"}`);
}
