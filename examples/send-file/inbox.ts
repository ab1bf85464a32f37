/**
 * The folder that files arrive in. A file that is not complete lies in `.incomplete/`, under its checksum and name, and
 * is moved to its place in one step when all of it is there and right. So what is in the folder is always whole.
 */
import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { constants, type FileHandle, mkdir, open, rename, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { alternatives, safeName } from "./file-name.ts";
import { formatBytes } from "./progress.ts";
import type { Offer } from "./protocol.ts";

/** Why a file can't be taken. The message is for its sender. */
export class Refusal extends Error {}

export class Inbox {
  readonly #folder: string;
  readonly #underWay: Set<string> = new Set();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Makes ready for a file, with what an earlier try has left of it. Null when it is being received already.
   * @throws Refusal
   */
  async open(offer: Offer): Promise<IncomingFile | null> {
    const name = safeName(offer.name);
    const key = `${offer.sha256}-${name}`;
    if (this.#underWay.has(key)) return null;
    this.#underWay.add(key);
    try {
      const there = await this.#find(name, offer);
      if (there !== undefined) return new IncomingFile(offer, there, null, () => this.#underWay.delete(key));
      return await this.#openPartial(offer, name, key);
    } catch (error) {
      this.#underWay.delete(key);
      throw explain(error);
    }
  }

  async #openPartial(offer: Offer, name: string, key: string): Promise<IncomingFile> {
    const folder = join(this.#folder, ".incomplete");
    await mkdir(folder, { recursive: true });
    const path = join(folder, key);
    const file = await open(path, constants.O_RDWR | constants.O_CREAT);
    try {
      const partial: Partial = { path, folder: this.#folder, file, hash: createHash("sha256"), offset: 0 };
      const { size } = await file.stat();
      if (size > offer.size) await file.truncate();
      else if (size > 0) partial.offset = await digest(path, size, partial.hash);
      await this.#checkSpace(offer.size - partial.offset);
      return new IncomingFile(offer, name, partial, () => this.#underWay.delete(key));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async #checkSpace(bytes: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.#folder);
    if (bytes > bavail * bsize) {
      const [missing, free] = [formatBytes(bytes), formatBytes(bavail * bsize)];
      throw new Refusal(`the receiver's disk has ${free} free, and ${missing} are still to come`);
    }
  }

  /** The name under which the very same file is in the folder. */
  async #find(name: string, { size, sha256 }: Offer): Promise<string | undefined> {
    for (const alternative of alternatives(name)) {
      const path = join(this.#folder, alternative);
      const info = await stat(path).catch(() => undefined);
      if (info === undefined) return undefined;
      if (!info.isFile() || info.size !== size) continue;
      const hash = createHash("sha256");
      await digest(path, size, hash);
      if (hash.digest("hex") === sha256) return alternative;
    }
    return undefined;
  }
}

/** A file that is not complete. */
interface Partial {
  readonly path: string;
  /** The one that it shall be moved to. */
  readonly folder: string;
  readonly file: FileHandle;
  /** Of all that is in it. */
  readonly hash: Hash;
  /** Bytes that are in it. */
  offset: number;
}

export class IncomingFile {
  readonly offer: Offer;
  /** The name that it is to have. */
  readonly name: string;
  /** Null when the very same file has been in the folder before. */
  readonly #partial: Partial | null;
  readonly #onClose: () => void;
  #closed: Promise<void> | undefined;

  constructor(offer: Offer, name: string, partial: Partial | null, onClose: () => void) {
    this.offer = offer;
    this.name = name;
    this.#partial = partial;
    this.#onClose = onClose;
  }

  /** How many bytes are here. */
  get offset(): number {
    return this.#partial?.offset ?? this.offer.size;
  }

  /** Adds the next bytes. @throws Refusal when the disk does not take them; those before are kept for another try. */
  async write(chunk: Uint8Array): Promise<void> {
    const partial = this.#partial!;
    try {
      for (let written = 0; written < chunk.length; ) {
        const left = chunk.length - written;
        const { bytesWritten } = await partial.file.write(chunk, written, left, partial.offset);
        written += bytesWritten;
        partial.offset += bytesWritten;
      }
    } catch (error) {
      throw explain(error);
    }
    partial.hash.update(chunk);
  }

  /**
   * Moves the file to its place, and never over another. Resolves to the name that it got.
   * @throws Refusal when its checksum is not the one that was announced: nothing is kept of it then
   */
  async finish(): Promise<string> {
    const partial = this.#partial;
    if (partial === null) return this.name;
    try {
      if (partial.hash.digest("hex") !== this.offer.sha256) {
        await rm(partial.path);
        throw new Refusal(
          "the checksum is wrong: something on the way has changed the file. Nothing was kept; send it again",
        );
      }
      await partial.file.sync();
      const name = await reserve(partial.folder, this.name);
      await rename(partial.path, join(partial.folder, name));
      return name;
    } catch (error) {
      throw explain(error);
    }
  }

  /** Lets go of the file. What is not complete is kept for another try. */
  close(): Promise<void> {
    this.#closed ??= (async () => {
      await this.#partial?.file.close();
      this.#onClose();
    })();
    return this.#closed;
  }
}

/** Takes the first name that is free, with an empty file that nobody else can have made. */
async function reserve(folder: string, name: string): Promise<string> {
  for (const alternative of alternatives(name)) {
    try {
      await (await open(join(folder, alternative), "wx")).close();
      return alternative;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  throw new Refusal(`there are too many files of the name ${name}`);
}

/** Adds a file's first bytes to a hash. Returns how many there were. */
async function digest(path: string, size: number, hash: Hash): Promise<number> {
  if (size > 0) for await (const chunk of createReadStream(path, { end: size - 1 })) hash.update(chunk);
  return size;
}

/** What a sender can do something with. */
function explain(error: unknown): unknown {
  const { code = "" } = error as NodeJS.ErrnoException;
  const why = explanations[code];
  return why === undefined ? error : new Refusal(why, { cause: error });
}

const explanations: Readonly<Record<string, string>> = {
  ENOSPC: "the receiver's disk is full. What has come is kept: make room, and send it again",
  EDQUOT: "the receiver's share of the disk is used up. What has come is kept: make room, and send it again",
  EFBIG: "the receiver's file system takes no file of that size",
  EROFS: "the receiver's disk can't be written to",
  EACCES: "the receiver has no right to write to its folder",
};
