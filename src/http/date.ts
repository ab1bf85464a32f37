/** The Date field (RFC 9110 §6.6.1), made once for all answers of a tick. */
import { clock } from "../net/clock.ts";

let line = "";
let madeAt = Number.NEGATIVE_INFINITY;

/** The field line with its CRLF. */
export function dateLine(): string {
  if (clock.now !== madeAt) {
    madeAt = clock.now;
    line = `date: ${new Date().toUTCString()}\r\n`;
  }
  return line;
}
