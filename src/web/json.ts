/** Reads JSON that a client has sent: what is wrong with it is said with its place. */
import { isUtf8 } from "node:buffer";
import { HttpError } from "./http-error.ts";
import { findJsonError } from "./json-error.ts";

/**
 * @throws HttpError 400 that says what was expected and where: `the body is not JSON: "c": expected a JSON value
 *   at line 1, column 7`.
 */
export function parseJson(bytes: Uint8Array): unknown {
  if (bytes.byteLength === 0) throw new HttpError(400, "the body is empty where JSON was expected");
  if (!isUtf8(bytes)) throw new HttpError(400, "the body is not JSON: it is not UTF-8 text");
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  const text = whole.charCodeAt(0) === 0xfeff ? whole.slice(1) : whole;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HttpError(400, `the body is not JSON: ${findJsonError(text)}`, { cause });
  }
}
