/** The file that a Unix socket has in the file system: who may use it, whether it is a dead server's, whose it is to remove. */
import { chmodSync, lstatSync, readFileSync, renameSync, type Stats } from "node:fs";
import { lstat, stat, unlink } from "node:fs/promises";
import { connect } from "node:net";
import { dirname } from "node:path";
import type { UnixAddress } from "../address.ts";
import { bindError, maxUnixPathBytes, systemCodeOf } from "./bind-error.ts";

/**
 * Binds a path; the file of a server that has died is replaced.
 * @param bindOnce binds, or throws the system's error
 * @throws BindError
 */
export async function bindPath<T>(address: UnixAddress, bindOnce: () => T | Promise<T>): Promise<T> {
  // Checked before: Node 20 cuts a longer path short and binds that.
  if (Buffer.byteLength(address.path) > maxUnixPathBytes) throw bindError(address, "ENAMETOOLONG");
  try {
    return await bindOnce();
  } catch (error) {
    const code = systemCodeOf(error);
    if (code !== "EADDRINUSE") throw bindError(address, await realCode(address, code));
  }
  const found = await lstat(address.path).catch(() => undefined);
  if (found !== undefined) {
    if (!found.isSocket()) throw bindError(address, "ENOTSOCK");
    if (await isLive(address.path)) throw bindError(address, "EADDRINUSE");
    await unlink(address.path).catch(() => undefined);
  }
  try {
    return await bindOnce();
  } catch (error) {
    throw bindError(address, await realCode(address, systemCodeOf(error)));
  }
}

/** The file of a socket that was just bound here. */
export class SocketFile {
  readonly #path: string;
  readonly #inode: number | undefined;

  /** @param mode its permissions; by default what the umask has left */
  constructor(path: string, mode: number | undefined) {
    this.#path = path;
    if (mode !== undefined) chmodSync(path, mode);
    this.#inode = statOf(path)?.ino;
  }

  /**
   * Closes the socket, which removes the file. libuv removes whatever has its name; where that is another server's
   * file by now, it is kept.
   */
  remove(closeSocket: () => void): void {
    const found = statOf(this.#path);
    if (found === undefined || found.ino === this.#inode) {
      closeSocket();
      return;
    }
    this.keep(closeSocket);
  }

  /** Closes the socket, and keeps the file for whoever has the socket as well. For a moment it is not there. */
  keep(closeSocket: () => void): void {
    const aside = `${this.#path}.${process.pid}`;
    try {
      renameSync(this.#path, aside);
    } catch {
      // Then it can't be removed here either.
      closeSocket();
      return;
    }
    closeSocket();
    renameSync(aside, this.#path);
  }
}

/** The path of a Unix socket that was inherited, or "" where the system does not tell (Linux does). */
export function pathOfSocket(inode: number): string {
  try {
    for (const line of readFileSync("/proc/net/unix", "utf8").split("\n")) {
      // Num RefCount Protocol Flags Type St Inode Path
      const [, found, path] = /^\S+ \S+ \S+ \S+ \S+ \S+ +(\d+) (.+)$/.exec(line) ?? [];
      if (Number(found) === inode && path !== undefined) return path;
    }
  } catch {
    // Not on this system.
  }
  return "";
}

function statOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

/** Whether a server answers on a Unix socket. In doubt it does: only a refusal proves that nobody is there. */
function isLive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ path });
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code !== "ECONNREFUSED" && error.code !== "ENOENT");
    });
  });
}

/** libuv reports a missing directory as EACCES. */
async function realCode(address: UnixAddress, code: string): Promise<string> {
  const directory = await stat(dirname(address.path)).catch(() => undefined);
  if (directory === undefined) return "ENOENT";
  return directory.isDirectory() ? code : "ENOTDIR";
}
