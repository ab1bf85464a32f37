/** Tells whether a file is still what it was. */
import { type Stats, statSync } from "node:fs";

/** A mark that changes whenever the file is written, replaced or removed; "" where there is none. */
export function fileStamp(path: string): string {
  return stampOf(statsOf(path));
}

export function stampOf(stats: Stats | undefined): string {
  return stats === undefined ? "" : `${stats.ino}:${stats.mtimeMs}:${stats.ctimeMs}:${stats.size}`;
}

/** What the system says of a path, or undefined where it says nothing. */
export function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
