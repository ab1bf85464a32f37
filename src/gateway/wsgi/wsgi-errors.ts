/** `wsgi.errors`: where an application writes what its operator should see (PEP 3333, "Input and Error Streams"). */

/** A text stream. A newline ends each line; none is added. */
export interface WsgiErrors {
  write(text: string): void;
  writelines(lines: Iterable<string>): void;
  /** Returns when nothing is held back. */
  flush(): void;
}

/** Standard error, which holds nothing back. */
export const standardErrors: WsgiErrors = Object.freeze({
  write(text: string): void {
    process.stderr.write(text);
  },
  writelines(lines: Iterable<string>): void {
    for (const line of lines) process.stderr.write(line);
  },
  flush(): void {},
});
