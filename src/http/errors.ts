/**
 * The engine's two kinds of error: what the client did wrong (`RequestError`, has
 * a status to answer with) and what the application did wrong (`ExchangeError`).
 */

/** A request that can't be served as sent. `status` is the answer it deserves; `message` may be shown to the client. */
export class RequestError extends Error {
  override readonly name: string = "RequestError";
  /** 400 to 505. */
  readonly status: number;
  /** Stable and machine-readable, e.g. `invalid-field-name`. */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** A breach of the Exchange contract by the application (docs/gateway.md). */
export class ExchangeError extends Error {
  override readonly name: string = "ExchangeError";
}

/** Why a signal is aborted whose client has left. */
export function clientGone(): DOMException {
  return new DOMException("the client has gone away", "AbortError");
}

/** Whether an error may be no more than what a client that leaves brings about. */
export function isDeparture(error: unknown): boolean {
  return error instanceof RequestError || (error instanceof Error && error.name === "AbortError");
}
