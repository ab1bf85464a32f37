/**
 * What reading and writing a connection can fail with. `LimitExceeded`, `Timeout` of a read and
 * `EndOfStream` take nothing: what had come stays buffered, and the next read finds it.
 */

/** More bytes than allowed would have been needed. They stay buffered; the connection stays usable. */
export class LimitExceeded extends Error {
  override readonly name = "LimitExceeded";
  /** The limit, in bytes. */
  readonly limit: number;

  constructor(message: string, limit: number) {
    super(message);
    this.limit = limit;
  }
}

/**
 * Something took too long. After a read's own timeout the connection stays usable and what had come stays
 * buffered. After the connection's `idleTimeout`, `totalTimeout` or `writeTimeout` it is gone.
 */
export class Timeout extends Error {
  override readonly name = "Timeout";
  /** What took too long: a read, the peer's taking of what was written, the next sign of life, the whole, or connecting. */
  readonly kind: "read" | "write" | "idle" | "total" | "connect";
  /** How long was waited, in milliseconds. */
  readonly milliseconds: number;

  constructor(kind: Timeout["kind"], milliseconds: number, message: string) {
    super(message);
    this.kind = kind;
    this.milliseconds = milliseconds;
  }
}

/** The peer ended its side before all of what was asked for had come. */
export class EndOfStream extends Error {
  override readonly name = "EndOfStream";
  /** What had come. It stays buffered as well. */
  readonly partial: Uint8Array;

  constructor(message: string, partial: Uint8Array) {
    super(message);
    this.partial = partial;
  }
}

/** What came is not what was agreed on: text that is not UTF-8, a line that is not JSON, a malformed frame. */
export class InvalidData extends Error {
  override readonly name = "InvalidData";
  /** The bytes at fault, or their beginning. */
  readonly bytes: Uint8Array;

  constructor(message: string, bytes: Uint8Array) {
    super(message);
    this.bytes = bytes;
  }
}

/** The connection is gone: reset by the peer, or closed or aborted here. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
  /** The system's name of the error, such as `ECONNRESET`, where there is one. */
  readonly code: string | undefined;

  constructor(message: string, code?: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The loss that a transport's error amounts to. */
export function connectionLost(error: Error | null): ConnectionLost {
  if (error === null) return new ConnectionLost("the connection was closed");
  const { code } = error as NodeJS.ErrnoException;
  return new ConnectionLost(explanations[code ?? ""] ?? `the connection failed: ${error.message}`, code, {
    cause: error,
  });
}

const explanations: Readonly<Record<string, string>> = {
  ECONNRESET: "the connection was reset by the peer",
  EPIPE: "the peer has closed the connection",
  ETIMEDOUT: "the peer does not answer any more",
};
