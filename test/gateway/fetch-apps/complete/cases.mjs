/** How the applications say what is asked of them, and what comes of it. */

/**
 * One request: `ask("POST /json?q=1", { json: { a: 1 } }, 201, { got: 1 })`.
 * @param line method and path; the case's title, so each is there once
 * @param init `headers`, and one of `body` (text, bytes, pieces), `json`, `form` (urlencoded), `parts` (multipart); or a function
 *   that makes it of the answers so far, `(answerTo, port) => …`. May be left out.
 * @param body the text as a whole, a pattern, or what its JSON says. Unsaid, the reference alone tells.
 * @param headers some of the answer's, null for one that must not come
 */
export function ask(line, init, status, body, headers) {
  if (typeof init === "number") return ask(line, {}, init, status, body);
  return { title: line, line, init, expected: { status, body, headers } };
}

/** More than a request and its answer: a function of the port, whose result is the same everywhere. */
export function converse(title, conversation, expected) {
  return { title, conversation, expected };
}

/** A body of some type. */
export function typed(type, body) {
  return { body, headers: { "content-type": type } };
}

/** A case whose answer on Socle is another than on the reference host, with the reason. */
export function differs(given, reason, status, body, headers) {
  return { ...given, onSocle: { reason, expected: { status, body, headers } } };
}

/** A part of an application below a path. */
export function below(path, cases) {
  return cases.map((given) => {
    if (given.line === undefined) return given;
    const line = given.line.replace(" /", ` ${path}/`);
    return { ...given, line, title: line };
  });
}
