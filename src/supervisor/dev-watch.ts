/**
 * Watches files, whatever is done to them: written, replaced by another of their name, removed and made again, with their whole
 * folder or one by one. The system's notices about the folders make it quick; what counts is a look at the files themselves, which
 * is taken every second besides, for file systems that send no notices (those of networks, and of containers).
 */
import { type FSWatcher, readdirSync, watch } from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import { fileStamp, stampOf, statsOf } from "./dev-file-stamp.ts";
import type { WatchedFile } from "./dev-messages.ts";

export interface FileWatchOptions {
  /** Files and folders, with all that is in them, that are watched from the first to the last. */
  readonly always?: readonly string[];
  /** A change was seen, at once. More may follow. */
  onChange(): void;
  /** It has become quiet. Takes the files that have changed since `onChange`. */
  onSettled(paths: readonly string[]): void;
}

/** Milliseconds without a further change after which nobody is taken to be writing any more. */
const QUIET = 20;
/** The same, while a file is missing or empty: editors replace files, and empty them before they write. */
const QUIET_WITHIN_WRITING = 150;
/** Milliseconds after which it counts as settled, whatever is still being written. */
const LONGEST_STIR = 2000;
/** Milliseconds between two looks that nothing has given cause for. */
const LOOK_INTERVAL = 1000;
/** Files of one watched folder; what lies beyond goes unwatched. */
const MAX_FOLDER_FILES = 5000;

export class FileWatch {
  readonly #options: FileWatchOptions;
  readonly #always: readonly string[];
  /** The files, with their marks. */
  #files = new Map<string, string>();
  /** The folders that the system tells of, each with the names that matter in it; null for all names. */
  readonly #folders = new Map<string, { readonly watcher: FSWatcher | null; readonly stamp: string }>();
  #names = new Map<string, Set<string> | null>();
  #changed = new Set<string>();
  #stirringSince = 0;
  #settling: NodeJS.Timeout | undefined;
  #looking: NodeJS.Immediate | undefined;
  readonly #interval: NodeJS.Timeout;

  constructor(options: FileWatchOptions) {
    this.#options = options;
    this.#always = options.always ?? [];
    this.replace([]);
    this.#interval = setInterval(() => this.#look(), LOOK_INTERVAL);
  }

  /** Watches these files besides. One that is no longer what its mark says has changed. */
  add(files: readonly WatchedFile[]): void {
    const fresh = files.filter(({ path }) => !this.#files.has(path));
    for (const { path, stamp } of fresh) this.#files.set(path, stamp);
    if (fresh.length > 0) this.#lookSoon();
  }

  /** Watches these files, and no others, but for those of `always`. */
  replace(files: readonly WatchedFile[]): void {
    const before = this.#files;
    this.#files = new Map();
    for (const path of this.#alwaysFiles()) this.#files.set(path, before.get(path) ?? fileStamp(path));
    for (const { path, stamp } of files) this.#files.set(path, before.get(path) ?? stamp);
    this.#lookSoon();
  }

  close(): void {
    clearInterval(this.#interval);
    clearTimeout(this.#settling);
    clearImmediate(this.#looking);
    for (const { watcher } of this.#folders.values()) watcher?.close();
    this.#folders.clear();
  }

  #lookSoon(): void {
    this.#looking ??= setImmediate(() => {
      // A folder may have come that was waited for.
      this.#arrange();
      this.#look();
    });
  }

  /** Compares every file with its mark. */
  #look(): void {
    clearImmediate(this.#looking);
    this.#looking = undefined;
    let any = false;
    for (const path of this.#alwaysFiles()) if (!this.#files.has(path)) this.#files.set(path, "");
    for (const [path, stamp] of this.#files) {
      const now = fileStamp(path);
      if (now === stamp) continue;
      this.#files.set(path, now);
      this.#changed.add(path);
      any = true;
    }
    if (any) this.#stir();
  }

  #stir(): void {
    this.#arrange();
    const now = performance.now();
    if (this.#settling === undefined) {
      this.#stirringSince = now;
      this.#options.onChange();
    }
    clearTimeout(this.#settling);
    const unfinished = [...this.#changed].some((path) => (statsOf(path)?.size ?? 0) === 0);
    const left = this.#stirringSince + LONGEST_STIR - now;
    const wait = Math.max(0, Math.min(unfinished ? QUIET_WITHIN_WRITING : QUIET, left));
    this.#settling = setTimeout(() => this.#settle(), wait);
  }

  #settle(): void {
    const before = this.#settling;
    this.#look();
    if (this.#settling !== before && performance.now() - this.#stirringSince < LONGEST_STIR) return;
    clearTimeout(this.#settling);
    this.#settling = undefined;
    const paths = [...this.#changed];
    this.#changed = new Set();
    this.#options.onSettled(paths);
  }

  /** Has the system tell of the folders that the files are in, or of the nearest that there are. */
  #arrange(): void {
    const names = new Map<string, Set<string> | null>();
    for (const path of this.#files.keys()) {
      let child = path;
      let folder = dirname(path);
      while (statsOf(folder) === undefined && dirname(folder) !== folder) {
        child = folder;
        folder = dirname(folder);
      }
      if (names.get(folder) === null) continue;
      const known = names.get(folder) ?? new Set();
      names.set(folder, known.add(basename(child)));
    }
    for (const folder of this.#alwaysFolders()) names.set(folder, null);
    this.#names = names;
    for (const [folder, { watcher, stamp }] of this.#folders) {
      if (names.has(folder) && identityOf(folder) === stamp) continue;
      watcher?.close();
      this.#folders.delete(folder);
    }
    for (const folder of names.keys()) {
      if (this.#folders.has(folder)) continue;
      this.#folders.set(folder, { watcher: this.#watchFolder(folder), stamp: identityOf(folder) });
    }
  }

  /** Where the system can't tell, be it for want of watches, the look every second is all there is. */
  #watchFolder(folder: string): FSWatcher | null {
    try {
      const watcher = watch(folder, (_, name) => this.#takeNotice(folder, name));
      watcher.on("error", () => watcher.close());
      return watcher;
    } catch {
      return null;
    }
  }

  #takeNotice(folder: string, name: string | null): void {
    const names = this.#names.get(folder);
    if (names != null && name !== null && !names.has(name) && name !== basename(folder)) return;
    this.#lookSoon();
  }

  #alwaysFiles(): string[] {
    return this.#always.flatMap((path) => {
      if (statsOf(path)?.isDirectory() !== true) return [path];
      return entriesOf(path).filter((each) => statsOf(each)?.isFile() === true);
    });
  }

  #alwaysFolders(): string[] {
    return this.#always.flatMap((path) => {
      if (statsOf(path)?.isDirectory() !== true) return [];
      return [path, ...entriesOf(path).filter((each) => statsOf(each)?.isDirectory() === true)];
    });
  }
}

/** What is below a folder, without packages and what hides. */
function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((path) => !path.split(sep).some((part) => part === "node_modules" || part.startsWith(".")))
      .slice(0, MAX_FOLDER_FILES)
      .map((path) => join(folder, path));
  } catch {
    return [];
  }
}

/** Tells a folder from another one that has taken its name. */
function identityOf(folder: string): string {
  const stats = statsOf(folder);
  return stats === undefined ? stampOf(undefined) : `${stats.dev}:${stats.ino}`;
}
