/** Files on the disk that a form's content is written to. */
import { randomUUID } from "node:crypto";
import { open, rename, unlink } from "node:fs/promises";

/** Writes pieces to a new file, which is there whole or not at all once this is over. */
export async function saveFile(
  path: string,
  pieces: AsyncIterable<Uint8Array>,
  overwrite: boolean,
): Promise<void> {
  const place = overwrite ? `${path}.${randomUUID()}.part` : path;
  const handle = await open(place, "wx");
  try {
    try {
      for await (const piece of pieces)
        await writeAll([piece], async (chunks) => (await handle.writev(chunks)).bytesWritten);
    } finally {
      await handle.close();
    }
    if (overwrite) await rename(place, path);
  } catch (error) {
    // What is told is why it could not be saved.
    await unlink(place).catch(() => {});
    throw error;
  }
}

/**
 * Writes all of the chunks.
 * @param write writes what it can, and tells how many bytes it has written
 */
export async function writeAll(
  chunks: readonly Uint8Array[],
  write: (chunks: readonly Uint8Array[]) => Promise<number>,
): Promise<void> {
  let rest = chunks;
  while (rest.length > 0) rest = without(rest, await write(rest));
}

/** What is left where a write took less than it was given, as one does whose disk is getting full. */
function without(chunks: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let index = 0;
  let left = bytes;
  while (index < chunks.length && left >= (chunks[index] as Uint8Array).length) {
    left -= (chunks[index] as Uint8Array).length;
    index++;
  }
  if (index === chunks.length) return [];
  return [(chunks[index] as Uint8Array).subarray(left), ...chunks.slice(index + 1)];
}
