/** Reads a whole form in `multipart/form-data`: the texts into memory, the files into a store. */
import { MultiDict } from "../multi-dict.ts";
import { ChunkList } from "./chunk-list.ts";
import { fieldText } from "./field-text.ts";
import { FileDict } from "./file-dict.ts";
import type { FileStore } from "./file-store.ts";
import type { ResolvedLimits } from "./form-options.ts";
import { type FormSource, MultipartReader } from "./multipart-reader.ts";
import type { PartHead } from "./part-head.ts";
import { UploadedFile } from "./uploaded-file.ts";

export interface ParsedForm {
  readonly fields: MultiDict;
  readonly files: FileDict;
}

/** @throws HttpError 400, 413; RequestError where the body can't be read. The store is the caller's to discard. */
export async function readMultipartForm(
  source: FormSource,
  boundary: string,
  limits: ResolvedLimits,
  store: FileStore,
): Promise<ParsedForm> {
  const reader = new MultipartReader(source, boundary, limits);
  const fields: string[] = [];
  const files: UploadedFile[] = [];
  let head: PartHead | null = null;
  const text = new ChunkList();
  let size = 0;
  while (await reader.fill()) {
    for (let event = reader.shift(); event !== undefined; event = reader.shift()) {
      if (event instanceof Uint8Array) {
        size += event.length;
        if (head?.fileName === null) {
          text.push(event);
        } else {
          const writing = store.add(event);
          if (writing !== undefined) await writing;
        }
      } else if (event !== null) {
        head = event;
        size = 0;
      } else if (head !== null) {
        if (head.fileName === null) {
          fields.push(head.field, fieldText(text.take(), head.field));
        } else {
          const content = await store.end();
          if (!head.unnamed || size > 0) files.push(new UploadedFile(head, size, store, content));
        }
      }
    }
  }
  return { fields: MultiDict.fromList(fields), files: new FileDict(files) };
}
