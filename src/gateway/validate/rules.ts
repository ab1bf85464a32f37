/** Every rule that the validator holds applications and servers to: by whom it is broken, and where it stands. */

const answer = "docs/gateway.md, The answer";
const request = "docs/gateway.md, The request";
const states = "docs/gateway.md, Who may call what, when";
const fetchBody = "Fetch standard, 5.3 (Body mixin)";
const pep = (section: string): string => `PEP 3333, ${section}`;

interface Rule {
  readonly by: "application" | "server";
  /** Where it stands. */
  readonly source: string;
}

/** What was broken: stable, for programs. docs/gateway/validator.md says of each what it means. */
export type BreachCode =
  // The answer, by the application.
  | "bad-status"
  | "bad-header-list"
  | "bad-header"
  | "hop-by-hop-header"
  | "bad-content-length"
  | "headers-changed"
  | "bad-body"
  | "body-not-allowed"
  | "content-length-mismatch"
  | "answered-twice"
  | "inform-after-start"
  | "upgrade-not-offered"
  | "write-after-end"
  | "ended-twice"
  | "bad-trailers"
  | "backpressure-ignored"
  | "never-answered"
  | "never-ended"
  | "threw-after-answer"
  | "works-for-nobody"
  | "bad-return"
  | "refused"
  // The request's body, by the application.
  | "body-two-readers"
  | "body-read-twice"
  | "max-bytes-late"
  // By the server.
  | "exchange-given-twice"
  | "bad-request-method"
  | "bad-request-target"
  | "bad-request-authority"
  | "bad-request-header"
  | "body-missing"
  | "body-length-mismatch"
  | "bad-body-piece"
  | "body-after-end"
  | "bad-state"
  | "late-abort"
  | "server-error"
  // WSGI, by the application.
  | "start-response-missing"
  | "start-response-twice"
  | "start-response-arguments"
  | "status-malformed"
  | "headers-malformed"
  | "result-not-iterable"
  | "piece-not-bytes"
  | "write-not-bytes"
  // WSGI, by the server.
  | "bad-environ"
  | "iterated-twice"
  | "iterated-after-close"
  | "not-closed"
  | "closed-twice"
  // Fetch, by the application.
  | "not-a-response"
  | "network-error-response"
  | "response-body-used"
  | "response-returned-twice"
  | "request-body-read-twice"
  // Fetch, by the server.
  | "bad-request";

const application = (source: string): Rule => ({ by: "application", source });
const server = (source: string): Rule => ({ by: "server", source });

export const rules: Readonly<Record<BreachCode, Rule>> = {
  "bad-status": application("RFC 9110 section 15"),
  "bad-header-list": application(answer),
  "bad-header": application("RFC 9110 section 5"),
  "hop-by-hop-header": application("RFC 9110 section 7.6.1"),
  "bad-content-length": application("RFC 9110 section 8.6"),
  "headers-changed": application(answer),
  "bad-body": application(answer),
  "body-not-allowed": application("RFC 9110 section 6.4.1"),
  "content-length-mismatch": application("RFC 9110 section 8.6"),
  "answered-twice": application(states),
  "inform-after-start": application(states),
  "upgrade-not-offered": application("RFC 9110 section 7.8"),
  "write-after-end": application(answer),
  "ended-twice": application(answer),
  "bad-trailers": application("RFC 9110 section 6.5.1"),
  "backpressure-ignored": application(answer),
  "never-answered": application(answer),
  "never-ended": application(answer),
  "threw-after-answer": application("docs/gateway.md, Errors"),
  "works-for-nobody": application(states),
  "bad-return": application("docs/gateway.md, Errors"),
  refused: application(answer),

  "body-two-readers": application(request),
  "body-read-twice": application(request),
  "max-bytes-late": application(request),

  "exchange-given-twice": server("docs/gateway.md"),
  "bad-request-method": server("RFC 9110 section 9.1"),
  "bad-request-target": server(request),
  "bad-request-authority": server(request),
  "bad-request-header": server(request),
  "body-missing": server(request),
  "body-length-mismatch": server("RFC 9112 section 6.3"),
  "bad-body-piece": server(request),
  "body-after-end": server(request),
  "bad-state": server(states),
  "late-abort": server(request),
  "server-error": server("docs/gateway.md, Errors"),

  "start-response-missing": application(pep("The start_response() Callable")),
  "start-response-twice": application(pep("The start_response() Callable")),
  "start-response-arguments": application(pep("The start_response() Callable")),
  "status-malformed": application(pep("The start_response() Callable")),
  "headers-malformed": application(pep("The start_response() Callable")),
  "result-not-iterable": application(pep("The Application/Framework Side")),
  "piece-not-bytes": application(pep("A Note On String Types")),
  "write-not-bytes": application(pep("The write() Callable")),

  "bad-environ": server(pep("environ Variables")),
  "iterated-twice": server(pep("The Server/Gateway Side")),
  "iterated-after-close": server(pep("The Server/Gateway Side")),
  "not-closed": server(pep("The Server/Gateway Side")),
  "closed-twice": server(pep("The Server/Gateway Side")),

  "not-a-response": application("docs/gateway/fetch.md"),
  "network-error-response": application("Fetch standard, 2.2.6 (network error)"),
  "response-body-used": application(fetchBody),
  "response-returned-twice": application(fetchBody),
  "request-body-read-twice": application(fetchBody),

  "bad-request": server("Fetch standard, 5.4 (Request class)"),
};
