/** Pieces of source files, for those who look at an error. */
import { readFileSync, statSync } from "node:fs";

/** Some lines of a file around one of them. Survives JSON. */
export interface Excerpt {
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, or null where it is not known. */
  readonly column: number | null;
  /** The number of the first of `lines`. */
  readonly firstLine: number;
  readonly lines: readonly string[];
}

/** Lines before and after the one in question. */
const AROUND = 5;
/** Of longer files, and of longer lines, nobody reads an excerpt: they were made by programs. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;
const MAX_LINE_LENGTH = 400;

/** The lines around a place, or null where the file can't be read, or has no such line. */
export function readExcerpt(path: string, line: number, column: number | null): Excerpt | null {
  let text: string;
  try {
    const stats = statSync(path);
    if (!stats.isFile() || stats.size > MAX_FILE_BYTES) return null;
    text = readFileSync(path, "utf8");
  } catch {
    return null;
  }
  const lines = text.split(/\r?\n/);
  if (line < 1 || line > lines.length) return null;
  const first = Math.max(1, line - AROUND);
  const shown = lines.slice(first - 1, line + AROUND);
  while (shown.length > line - first + 1 && shown.at(-1)?.trim() === "") shown.pop();
  return {
    line,
    column,
    firstLine: first,
    lines: shown.map((each) => (each.length > MAX_LINE_LENGTH ? `${each.slice(0, MAX_LINE_LENGTH)}…` : each)),
  };
}
