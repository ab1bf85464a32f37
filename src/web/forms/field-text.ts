/** The text of a field. */
import { isUtf8 } from "node:buffer";
import { HttpError } from "../http-error.ts";

/** @throws HttpError 400 for what is not UTF-8, whatever charset the part names: every browser sends it so. */
export function fieldText(chunks: readonly Uint8Array[], field: string): string {
  if (chunks.length === 0) return "";
  const first = chunks[0] as Uint8Array;
  const bytes =
    chunks.length === 1
      ? Buffer.from(first.buffer, first.byteOffset, first.byteLength)
      : Buffer.concat(chunks);
  if (!isUtf8(bytes))
    throw new HttpError(400, `the value of ${JSON.stringify(field)} in the form is not UTF-8`);
  return bytes.toString();
}
