/**
 * What sender and receiver say to each other: JSON lines, and after the second of them the file's bytes.
 *
 *     sender     {"protocol":"send-file/1","name":"cat.jpg","size":90210,"sha256":"…"}
 *     receiver   {"offset":65536}          so much of this very file is here already; 0 for none
 *     sender     the bytes from there on
 *     receiver   {"saved":"cat.jpg"}       all has come, and has that checksum
 *
 * In place of its lines the receiver may send {"busy":true}, when this file is being sent already, or {"error":"why"}.
 */
import { InvalidData, jsonLines } from "socle/net";

const PROTOCOL = "send-file/1";

/** The file that is offered. Checksum, size and name together tell whether it is the one of an earlier try. */
export interface Offer {
  readonly name: string;
  readonly size: number;
  /** In lower-case hexadecimal. */
  readonly sha256: string;
}

export type Reply =
  | { readonly offset: number }
  | { readonly saved: string }
  | { readonly busy: true }
  | { readonly error: string };

/** Both ends' messages. What comes is checked by `readOffer` and `readReply`. */
export const messages = jsonLines({ max: 8 * 1024 });

export function toMessage(offer: Offer): unknown {
  return { protocol: PROTOCOL, ...offer };
}

/** Checks what a sender says. @throws InvalidData */
export function readOffer(message: unknown): Offer {
  const { protocol, name, size, sha256 } = asObject(message);
  if (protocol !== PROTOCOL) throw invalid(`this receiver speaks ${PROTOCOL}`, message);
  if (typeof name !== "string") throw invalid("the name is not a string", message);
  if (!isSize(size)) throw invalid("the size is not a number of bytes", message);
  if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256)) {
    throw invalid("sha256 is not 64 hexadecimal digits", message);
  }
  return { name, size, sha256 };
}

/** Checks what a receiver says. @throws InvalidData */
export function readReply(message: unknown): Reply {
  const { offset, saved, busy, error } = asObject(message);
  if (isSize(offset)) return { offset };
  if (typeof saved === "string") return { saved: printable(saved) };
  if (busy === true) return { busy };
  if (typeof error === "string") return { error: printable(error) };
  throw invalid("that is no receiver's answer", message);
}

/** What came from elsewhere, without what a terminal would obey. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\ufffd");
}

function asObject(message: unknown): Readonly<Record<string, unknown>> {
  return typeof message === "object" && message !== null ? { ...message } : {};
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function invalid(why: string, message: unknown): InvalidData {
  return new InvalidData(why, Buffer.from(JSON.stringify(message)));
}
