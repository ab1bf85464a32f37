/** The boundary of a multipart body (RFC 2046 §5.1.1). */
import { HttpError } from "../http-error.ts";
import { parameter, readParameters } from "./parameters.ts";

const MAX_BOUNDARY = 70;

/**
 * @param contentType of a `multipart/form-data` body
 * @throws HttpError 400 for one without a boundary, or with one that no body may have.
 */
export function boundaryOf(contentType: string): string {
  const mark = contentType.indexOf(";");
  const parameters = readParameters(contentType, mark < 0 ? contentType.length : mark);
  if (parameters === undefined) {
    throw new HttpError(400, "the content-type is malformed: write multipart/form-data; boundary=…");
  }
  const boundary = parameter(parameters, "boundary");
  if (boundary === undefined || boundary === "") {
    throw new HttpError(
      400,
      "the content-type multipart/form-data has no boundary: leave the header to the client's form library, which knows it",
    );
  }
  if (boundary.length > MAX_BOUNDARY) {
    throw new HttpError(
      400,
      `the form's boundary has ${boundary.length} characters, and may have ${MAX_BOUNDARY}`,
    );
  }
  if (!/^[\x20-\x7e]*[\x21-\x7e]$/.test(boundary)) {
    throw new HttpError(
      400,
      "the form's boundary has characters that no boundary may have, or ends in a space",
    );
  }
  return boundary;
}
