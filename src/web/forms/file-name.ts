/** What is made of the name that a client gives a file. */

const MAX_BYTES = 255;
/** Stands for a name of which nothing is left. */
const UNNAMED = "file";

/** Characters that are not seen, or that turn the direction of what follows so that a name shows another ending than it has. */
const unseen = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
/** What Windows has no place for in a name. */
const unportable = /[<>:"|?*]/g;
/** Names that stand for devices on Windows, whatever their ending. */
const device = /^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;

/**
 * The last segment of a client's file name, which names a file in whatever folder it is put: no separators, no control characters, no
 * dots before it and no dots or spaces behind it, none of the characters `<>:"|?*` (they become `_`), no device of Windows, at
 * most 255 bytes of UTF-8, never empty.
 */
export function safeFileName(clientName: string): string {
  const base = clientName.slice(Math.max(clientName.lastIndexOf("/"), clientName.lastIndexOf("\\")) + 1);
  let name = trimDots(base.replace(unseen, "").replace(unportable, "_"));
  if (device.test(name)) name = `_${name}`;
  return shorten(name) || UNNAMED;
}

/** In loops: a pattern for the end would be tried at every dot. */
function trimDots(name: string): string {
  let start = 0;
  let end = name.length;
  while (start < end && (name[start] === "." || name[start] === " ")) start++;
  while (end > start && (name[end - 1] === "." || name[end - 1] === " ")) end--;
  return name.slice(start, end);
}

/** Takes characters away in front of the ending, which tells what the file is. */
function shorten(name: string): string {
  if (Buffer.byteLength(name) <= MAX_BYTES) return name;
  const dot = name.lastIndexOf(".");
  const ending =
    dot > 0 && Buffer.byteLength(name) - Buffer.byteLength(name.slice(0, dot)) <= 20 ? name.slice(dot) : "";
  const room = MAX_BYTES - Buffer.byteLength(ending);
  let kept = "";
  let size = 0;
  for (const character of name) {
    size += Buffer.byteLength(character);
    if (size > room) break;
    kept += character;
  }
  return trimDots(kept) + ending;
}
