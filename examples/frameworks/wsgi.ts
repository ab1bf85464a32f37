import type { Environ, StartResponse } from "socle/gateway";

const encoder = new TextEncoder();

/** PEP 3333's example, with the path. */
export function* application(environ: Environ, startResponse: StartResponse): Iterable<Uint8Array> {
  startResponse("200 OK", [["Content-type", "text/plain"]]);
  yield encoder.encode(`Hello from ${environ.PATH_INFO}!\n`);
}
