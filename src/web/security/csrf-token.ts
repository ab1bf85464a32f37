/**
 * CSRF tokens: what only a page of ours can know, because it stands in the page and belongs to the visitor's session. Each is another one,
 * the session's key under a random mask, so that nothing can be learned of it from the length of compressed answers (BREACH).
 */
import { randomBytes, timingSafeEqual } from "node:crypto";
import { HttpError } from "../http-error.ts";
import type { Request } from "../request.ts";
import { type Html, html } from "../responses/html.ts";
import { stateOf } from "../sessions/session.ts";

/** The form field that a token comes in. */
const field = "csrf_token";
/** The header that it comes in. */
const header = "x-csrf-token";

const keyBytes = 32;

/**
 * A token of this visitor's session, for `csrf({ tokens })`: it is sent back in the form field `csrf_token` or the header `x-csrf-token`. It is good as long as
 * the session, until that is regenerated or cleared.
 * @throws TypeError where there are no sessions, and, for the session's first, once the answer's head was made.
 */
export function csrfToken(request: Request<unknown, unknown>): string {
  const state = stateOf(request.session);
  if (state.csrfKey === "") state.change().csrfKey = randomBytes(keyBytes).toString("base64url");
  const mask = randomBytes(keyBytes);
  return Buffer.concat([mask, xor(mask, Buffer.from(state.csrfKey, "base64url"))]).toString("base64url");
}

/**
 * The hidden field with a token, for a form:
 *
 *     html`<form method="post">${csrfField(request)}…</form>`
 *
 * Throws as `csrfToken`.
 */
export function csrfField(request: Request<unknown, unknown>): Html {
  return html`<input type="hidden" name="${field}" value="${csrfToken(request)}">`;
}

/**
 * Looks for the token in the header, else in the form, which it reads.
 * @throws HttpError 403 where there is none, or it is another session's. What reading the form throws.
 */
export async function checkCsrfToken(request: Request): Promise<void> {
  const token = request.headers.get(header) ?? (await tokenInForm(request));
  if (token === undefined) {
    throw new HttpError(
      403,
      `refused: the CSRF token is missing, in the form field ${field} or the header ${header}`,
    );
  }
  if (!isTokenOf(stateOf(request.session).csrfKey, token)) {
    throw new HttpError(403, "refused: the CSRF token is of another session; load the page again");
  }
}

async function tokenInForm(request: Request): Promise<string | undefined> {
  const type = request.mediaType;
  if (type !== "application/x-www-form-urlencoded" && type !== "multipart/form-data") return undefined;
  return (await request.form()).get(field);
}

function isTokenOf(key: string, token: string): boolean {
  const bytes = Buffer.from(token, "base64url");
  if (key === "" || bytes.length !== 2 * keyBytes) return false;
  return timingSafeEqual(
    xor(bytes.subarray(0, keyBytes), bytes.subarray(keyBytes)),
    Buffer.from(key, "base64url"),
  );
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte ^ (b[i] as number));
}
