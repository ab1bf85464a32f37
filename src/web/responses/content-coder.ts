/** The content codings, by `node:zlib`. Levels are those for answers that are made once and sent once. */
import type { Transform } from "node:stream";
import * as zlib from "node:zlib";
import type { ContentCoding } from "./compression.ts";

const { constants } = zlib;

/** Compresses in pieces. */
export interface Coder extends Transform {
  /** Has all that was written so far come out. */
  flush(kind: number): void;
}

/** 4 is where brotli's time is still that of gzip. A window of 512 KiB keeps it from taking 4 MiB for each answer. */
const brotliOptions = {
  params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_LGWIN]: 19 },
};

/** Compresses at once: for what is short. */
export function compressWhole(coding: ContentCoding, body: string | Uint8Array): Uint8Array {
  switch (coding) {
    case "zstd":
      return zlib.zstdCompressSync(body);
    case "br":
      return zlib.brotliCompressSync(body, brotliOptions);
    case "gzip":
      return zlib.gzipSync(body);
  }
}

/** A stream that compresses, off the main thread. */
export function makeCoder(coding: ContentCoding): Coder {
  switch (coding) {
    case "zstd":
      return zlib.createZstdCompress() as Coder;
    case "br":
      return zlib.createBrotliCompress(brotliOptions) as Coder;
    case "gzip":
      return zlib.createGzip() as Coder;
  }
}

/** What `Coder.flush` takes, for the shortest output. */
export function flushKind(coding: ContentCoding): number {
  switch (coding) {
    case "zstd":
      return constants.ZSTD_e_flush;
    case "br":
      return constants.BROTLI_OPERATION_FLUSH;
    case "gzip":
      return constants.Z_SYNC_FLUSH;
  }
}
