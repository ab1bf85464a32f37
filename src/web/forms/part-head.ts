/** The head of a part: whose value it is, and whether that is text or a file (RFC 7578 §4). */
import { isUtf8 } from "node:buffer";
import { HttpError } from "../http-error.ts";
import { essence } from "../media-type.ts";
import { safeFileName } from "./file-name.ts";
import type { ResolvedLimits } from "./form-options.ts";
import { parameter, readParameters } from "./parameters.ts";

export interface PartHead {
  /** The field's name, as it came: brackets and dots mean nothing. */
  readonly field: string;
  /** The file's safe name; null for a text field. */
  readonly fileName: string | null;
  /** Whether the client named no file: a file field in which none was chosen is sent so. */
  readonly unnamed: boolean;
  /** The media type that the client gives, in lower case and without parameters. */
  readonly type: string;
}

/** Field lines by lower-case name, as latin1. */
export type PartHeaders = Readonly<Record<string, readonly string[]>>;

/**
 * @param number the part's, from 1
 * @throws HttpError 400, 413
 */
export function readPartHead(headers: PartHeaders, number: number, limits: ResolvedLimits): PartHead {
  const where = `part ${number} of the form`;
  checkSize(headers, where, limits);
  const disposition = headers["content-disposition"];
  if (disposition === undefined) {
    throw new HttpError(400, `${where} has no content-disposition, or a header line before it is malformed`);
  }
  const [text = ""] = disposition;
  const mark = text.indexOf(";");
  const parameters = readParameters(text, mark < 0 ? text.length : mark);
  if (parameters === undefined || disposition.length > 1 || essence(text) !== "form-data") {
    throw new HttpError(
      400,
      `${where} has a malformed content-disposition: it should be form-data; name="…", once, with each parameter once`,
    );
  }
  const name = parameter(parameters, "name");
  if (name === undefined)
    throw new HttpError(400, `${where} has no name: content-disposition: form-data; name="…"`);
  if (name === "") throw new HttpError(400, `${where} has an empty name`);
  if (name.length > limits.maxNameBytes) {
    throw new HttpError(
      413,
      `the name of ${where} has ${name.length} bytes, and may have ${limits.maxNameBytes}`,
    );
  }
  const field = decodeName(name, `the name of ${where}`);
  const clientName = fileNameOf(parameters, field);
  return {
    field,
    fileName: clientName === null ? null : safeFileName(clientName),
    unnamed: clientName === "",
    type: mediaType(headers["content-type"]),
  };
}

function checkSize(headers: PartHeaders, where: string, limits: ResolvedLimits): void {
  let bytes = 0;
  let lines = 0;
  for (const name in headers) {
    for (const value of headers[name] ?? []) {
      bytes += name.length + value.length + ": \r\n".length;
      lines++;
    }
  }
  if (bytes > limits.maxPartHeaderBytes) {
    throw new HttpError(413, `the header of ${where} is larger than ${limits.maxPartHeaderBytes} bytes`);
  }
  if (lines > limits.maxPartHeaders) {
    throw new HttpError(413, `the header of ${where} has more than ${limits.maxPartHeaders} lines`);
  }
}

/** The client's name for a file: `filename*` (RFC 8187), which some clients send besides for what is not ASCII, is the better one. */
function fileNameOf(parameters: readonly string[], field: string): string | null {
  const where = `the file name of ${JSON.stringify(field)}`;
  const extended = parameter(parameters, "filename*");
  if (extended === undefined) {
    const plain = parameter(parameters, "filename");
    return plain === undefined ? null : decodeName(plain, where);
  }
  const quote = extended.indexOf("'");
  const second = extended.indexOf("'", quote + 1);
  if (quote < 0 || second < 0 || extended.slice(0, quote).toLowerCase() !== "utf-8") {
    throw new HttpError(400, `${where} is malformed: filename* should be UTF-8''…`);
  }
  try {
    return decodeURIComponent(extended.slice(second + 1));
  } catch {
    throw new HttpError(400, `${where} has malformed percent-encoding, or is not UTF-8`);
  }
}

/** A name is UTF-8, with the three characters encoded that would end it (HTML, "multipart/form-data"). */
function decodeName(latin1: string, what: string): string {
  const bytes = Buffer.from(latin1, "latin1");
  if (!isUtf8(bytes)) throw new HttpError(400, `${what} is not UTF-8`);
  const text = bytes.toString();
  return text.includes("%") ? text.replace(/%(?:22|0[ad])/gi, (code) => decodeURIComponent(code)) : text;
}

function mediaType(lines: readonly string[] | undefined): string {
  const type = essence(lines?.[0]?.trimStart());
  return /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/.test(type) ? type : "text/plain";
}
