/**
 * Every size and time limit of the engine, with its default. All can be set by
 * `new HttpServer(handler, { limits: { … } })`. The reasons stand in docs/http.md.
 */
export interface HttpLimits {
  /** Bytes of the request line, without CRLF; beyond it 414 (or 501 for an endless method). Default 8 KiB. */
  readonly maxRequestLineBytes: number;
  /** Bytes of all header lines together; beyond it 431. Default 16 KiB. */
  readonly maxHeaderBytes: number;
  /** Header lines; beyond it 431. Default 100. */
  readonly maxHeaderCount: number;
  /** Bytes of a request body, unless the application asks for more (`RequestBody.maxBytes`); beyond it 413. Default 1 MiB. */
  readonly maxBodyBytes: number;
  /** Bytes of chunk extensions in one body; beyond it 400. Default 4 KiB. */
  readonly maxChunkExtensionBytes: number;
  /** Bytes of a trailer section; beyond it 431. Default 8 KiB. */
  readonly maxTrailerBytes: number;
  /** Trailer lines; beyond it 431. Default 20. */
  readonly maxTrailerCount: number;
  /** Bytes of an unread body that are read and dropped so that the connection can go on; beyond it the connection closes. Default 256 KiB. */
  readonly maxDrainBytes: number;
  /** Requests on one connection; the last is answered with `Connection: close`. Default 1,000. 0 for no limit. */
  readonly maxRequestsPerConnection: number;
  /** Milliseconds from a connection's opening to the first byte of a request. Default 10 s. */
  readonly firstByteTimeout: number;
  /** Milliseconds from a request's first byte to the end of its header section, however the bytes drip; then 408. Default 15 s. */
  readonly headersTimeout: number;
  /** Milliseconds that a connection may idle between requests. Default 5 s. */
  readonly keepAliveTimeout: number;
  /** Milliseconds that a body which is being read may make no progress; then 408. Default 30 s. */
  readonly bodyTimeout: number;
  /** Milliseconds that a client may take nothing of an answer that waits for it; then the connection is cut. Default 60 s. */
  readonly writeTimeout: number;
  /**
   * Milliseconds that a client which has ended its side is still taken to wait for its answer, while nothing is sent to it; then
   * it is taken to have gone: it can't be told from one that has. 0 for no such limit. Default 2 s.
   */
  readonly halfCloseTimeout: number;
  /** Bytes a second that a body must come in at, on the whole, while it is waited for; then 408. 0 for no such limit. Default 240. */
  readonly minBodyRate: number;
  /** Bytes a second that an answer must be taken at, on the whole; then the connection is cut. 0 for no such limit. Default 240. */
  readonly minAnswerRate: number;
  /** Milliseconds before the two rates count. Default 5 s. */
  readonly rateGrace: number;
  /** HTTP/2: requests at once on one connection; a client that opens more has them refused. Default 100. */
  readonly maxConcurrentStreams: number;
  /** HTTP/2: bytes of one request's body that a client may send before they are read. Default 65,535. */
  readonly streamWindowBytes: number;
}

export const defaultLimits: HttpLimits = Object.freeze({
  maxRequestLineBytes: 8 * 1024,
  maxHeaderBytes: 16 * 1024,
  maxHeaderCount: 100,
  maxBodyBytes: 1024 * 1024,
  maxChunkExtensionBytes: 4 * 1024,
  maxTrailerBytes: 8 * 1024,
  maxTrailerCount: 20,
  maxDrainBytes: 256 * 1024,
  maxRequestsPerConnection: 1000,
  firstByteTimeout: 10_000,
  headersTimeout: 15_000,
  keepAliveTimeout: 5_000,
  bodyTimeout: 30_000,
  writeTimeout: 60_000,
  halfCloseTimeout: 2_000,
  minBodyRate: 240,
  minAnswerRate: 240,
  rateGrace: 5_000,
  maxConcurrentStreams: 100,
  streamWindowBytes: 65_535,
});
