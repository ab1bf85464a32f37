/** Opens files to be sent: what is opened is the regular file that was asked for, or nothing. */
import { constants, type FileHandle, lstat, open, readlink, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { HttpError } from "../http-error.ts";

export interface OpenedFile {
  readonly handle: FileHandle;
  /** Bytes. */
  readonly size: number;
  /** When it was changed last: nanoseconds since 1970. */
  readonly modified: bigint;
}

/** Where a client's name is looked up. */
export interface Root {
  readonly path: string;
  /** Whether names that begin with a dot can be asked for. */
  readonly dotfiles: boolean;
}

/** A FIFO is not waited for. (Windows has none.) */
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * Opens a file of a path that the program has named.
 * @throws HttpError 404 if there is none, or it is a directory or another thing that has no content of its own.
 */
export async function openFile(path: string | URL): Promise<OpenedFile> {
  return checked(await orNotFound(open(path, flags)));
}

/**
 * Opens a file below a root by a name that a client has sent, decoded. Neither dot segments nor links lead out of
 * the root: it is asked where that is which has been opened, and not where a name leads before or after.
 * @throws HttpError 404 as `openFile`, and for what is not below the root.
 */
export async function openBelow(root: Root, name: string): Promise<OpenedFile> {
  if (!isPlainName(name, root.dotfiles)) throw new HttpError(404);
  const base = await realpath(root.path);
  const path = join(base, name);
  const opened = await openFile(path);
  try {
    const place = await placeOf(opened.handle, path);
    if (!place.startsWith(base.endsWith(sep) ? base : base + sep)) throw new HttpError(404);
    return opened;
  } catch (error) {
    await opened.handle.close();
    throw error;
  }
}

/** The path of an open file, without links. */
async function placeOf(handle: FileHandle, path: string): Promise<string> {
  try {
    return await readlink(`/proc/self/fd/${handle.fd}`);
  } catch {
    // Linux alone tells.
    return placeByName(handle, path);
  }
}

/**
 * Where the path leads that a file was opened by, if that is still this file. What this leaves open is a link that is put in
 * place and taken away again between any two of three steps, by someone who can write below the root.
 * @throws HttpError 404 if it is another file now.
 */
export async function placeByName(handle: FileHandle, path: string): Promise<string> {
  const place = await orNotFound(realpath(path));
  const there = await orNotFound(lstat(place, { bigint: true }));
  const here = await handle.stat({ bigint: true });
  if (there.ino !== here.ino || there.dev !== here.dev) throw new HttpError(404);
  return place;
}

/** Whether a name is segments with slashes between, none of which means anything but a file's or folder's name. */
function isPlainName(name: string, dotfiles: boolean): boolean {
  if (name.includes("\0") || name.includes("\\")) return false;
  return name.split("/").every((segment) => {
    if (segment === "" || segment === "." || segment === "..") return false;
    if (segment.startsWith(".") && !dotfiles) return false;
    return process.platform !== "win32" || isPlainOnWindows(segment);
  });
}

/** Drives, streams, devices, and the ends that Windows takes off a name. */
function isPlainOnWindows(segment: string): boolean {
  return !/[:*?"<>|]|[. ]$|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(segment);
}

async function checked(handle: FileHandle): Promise<OpenedFile> {
  try {
    const stats = await handle.stat({ bigint: true });
    if (!stats.isFile()) throw new HttpError(404);
    return { handle, size: Number(stats.size), modified: stats.mtimeNs };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

const meansNotFound: ReadonlySet<unknown> = new Set([
  "ENOENT",
  "ENOTDIR",
  "EISDIR",
  "ELOOP",
  "ENAMETOOLONG",
  "EACCES",
  "EPERM",
  "ENXIO",
]);

async function orNotFound<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (!meansNotFound.has((error as NodeJS.ErrnoException).code)) throw error;
    throw new HttpError(404, undefined, { cause: error });
  }
}
