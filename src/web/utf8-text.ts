/** Header values that browsers fill with UTF-8 (cookies, `Last-Event-ID`), though a field is read as latin1. */
import { isUtf8 } from "node:buffer";
import { isAscii } from "../http/text.ts";

/** The text of a field's bytes: as UTF-8 if they are that, else as latin1. */
export function utf8Text(field: string): string {
  if (isAscii(field)) return field;
  const bytes = Buffer.from(field, "latin1");
  return isUtf8(bytes) ? bytes.toString() : field;
}
