/** A path, a host or a converter that can't be one. The message says why, and what would be right. */
export class PathError extends Error {
  override readonly name = "PathError";
}
