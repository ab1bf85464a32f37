/**
 * Turns a status and a header list into the bytes of a response head (RFC 9112 §4 and §5), as a latin1 string.
 * It refuses whatever would let a value of the application's end a line or the head early (response splitting).
 */
import { consistsOf, FIELD, flags, TOKEN } from "./chars.ts";
import { ExchangeError } from "./errors.ts";
import type { HeaderList } from "./exchange.ts";
import { reasonPhrase, SWITCHING_PROTOCOLS } from "./status.ts";
import { mayBeTrailer } from "./trailers.ts";

const PLAIN = 1;
const CONTENT_LENGTH = 2;
const DATE = 3;
const UPGRADE = 5;
/** Fields that say how the message is framed or what becomes of the connection: those are the engine's to send. */
const ENGINES_OWN = 4;
/** The engine's as well, but an application may ask for the connection's end. */
const CONNECTION = 6;

/** What is known of a field name. Names come from program text, so there are few; the bound is for those that do not. */
const names = new Map<string, number>();
const MAX_NAMES = 1000;

/**
 * The lines of frozen header lists: a list that can't change any more and that is sent again and again (a constant of the
 * program) is looked through once.
 */
const remembered = new Map<HeaderList, string>();
const MAX_REMEMBERED = 100;

/** What the last call of `fieldLines` came across. */
export const seen: { contentLength: number; date: boolean; upgrade: boolean; close: boolean } = {
  contentLength: -1,
  date: false,
  upgrade: false,
  /** `connection: close`. It is not among the lines: the engine says what becomes of the connection. */
  close: false,
};

const statusLines: string[] = [];

/** The status line with its CRLF. The reason phrase may be empty, but never the space before it (RFC 9112 §4). */
export function statusLine(status: number): string {
  return (statusLines[status] ??= `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n`);
}

/**
 * The status line of an answer, with its CRLF.
 * @param reason the application's own phrase; with it goes any status that Node's applications send
 * @throws ExchangeError for a status that no answer can have, and for a phrase that could end the line
 */
export function answerLine(status: number, reason?: string): string {
  if (reason === undefined) {
    checkStatus(status);
    return statusLine(status);
  }
  if (!Number.isInteger(status) || status > 999 || (status < 200 && status !== SWITCHING_PROTOCOLS)) {
    throw new ExchangeError(
      `${String(status)} is not a status that an answer can have: it takes 101, or an integer from 200 to 999`,
    );
  }
  // RFC 9112 §4: HTAB, SP, VCHAR and obs-text.
  if (typeof reason !== "string" || (reason !== "" && !consistsOf(reason, FIELD))) {
    throw new ExchangeError(
      `${JSON.stringify(reason)} is no reason phrase: it takes one line of latin1 text`,
    );
  }
  return `HTTP/1.1 ${status} ${reason}\r\n`;
}

/** @throws ExchangeError unless it is an integer from 200 to 599. */
export function checkStatus(status: number): void {
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new ExchangeError(
      `${String(status)} is not a status that an answer can have: it takes an integer from 200 to 599`,
    );
  }
}

/** @throws ExchangeError unless it is an integer from 102 to 199: 100 and 101 are sent where they belong. */
export function checkInterimStatus(status: number): void {
  if (!Number.isInteger(status) || status < 102 || status > 199) {
    throw new ExchangeError(
      `${String(status)} is not an interim status: it takes an integer from 102 to 199`,
    );
  }
}

/**
 * The header lines, each with its CRLF; `seen` tells what was among them.
 * @param withoutLength leaves a Content-Length out: 1xx and 204 may not have one (RFC 9110 §8.6)
 * @throws ExchangeError naming the field that may not be sent
 */
export function fieldLines(headers: HeaderList, withoutLength = false): string {
  let lines = "";
  seen.contentLength = -1;
  seen.date = false;
  seen.upgrade = false;
  seen.close = false;
  const known = remembered.get(headers);
  if (known !== undefined) return known;
  let plain = true;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    const value = headers[i + 1] as string;
    const kind = names.get(name) ?? learnName(name);
    checkValue(name, value);
    if (kind !== PLAIN) {
      plain = false;
      if (kind === ENGINES_OWN) {
        throw new ExchangeError(
          `the header "${name}" can't be set: the server decides on framing and on the connection`,
        );
      }
      if (kind === CONNECTION) {
        checkClose(name, value);
        seen.close = true;
        continue;
      }
      if (kind === DATE) seen.date = true;
      else if (kind === UPGRADE) seen.upgrade = true;
      else {
        noteLength(value);
        if (withoutLength) continue;
      }
    }
    lines += `${name}: ${value}\r\n`;
  }
  if (plain && remembered.size < MAX_REMEMBERED && Object.isFrozen(headers)) remembered.set(headers, lines);
  return lines;
}

/**
 * The header lines of an interim answer, or of one that hands the connection over. Neither has a Content-Length (RFC 9110
 * §8.6), and the connection goes on behind both.
 * @throws ExchangeError as `fieldLines`
 */
export function interimLines(headers: HeaderList): string {
  const lines = fieldLines(headers, true);
  if (seen.close) {
    throw new ExchangeError('"connection: close" has its place in the answer, and not in one before it');
  }
  return lines;
}

/**
 * The trailer lines, each with its CRLF.
 * @throws ExchangeError naming the field that may not be sent as a trailer
 */
export function trailerLines(trailers: HeaderList): string {
  for (let i = 0; i < trailers.length; i += 2) {
    const name = trailers[i] as string;
    if (typeof name === "string" && !mayBeTrailer(name.toLowerCase())) {
      throw new ExchangeError(`the header "${name}" may not be sent as a trailer (RFC 9110 section 6.5.1)`);
    }
  }
  return fieldLines(trailers);
}

function learnName(name: string): number {
  if (typeof name !== "string" || !consistsOf(name, TOKEN)) {
    throw new ExchangeError(
      `${JSON.stringify(name)} is not a header name: it takes letters, digits and !#$%&'*+-.^_\`|~`,
    );
  }
  const kind = kindOf(name.toLowerCase());
  if (names.size < MAX_NAMES) names.set(name, kind);
  return kind;
}

function kindOf(lowerCaseName: string): number {
  switch (lowerCaseName) {
    case "content-length":
      return CONTENT_LENGTH;
    case "date":
      return DATE;
    case "connection":
      return CONNECTION;
    case "keep-alive":
    case "proxy-connection":
    case "trailer":
    case "transfer-encoding":
      return ENGINES_OWN;
    case "upgrade":
      return UPGRADE;
    default:
      return PLAIN;
  }
}

function checkClose(name: string, value: string): void {
  if (value.toLowerCase() === "close") return;
  throw new ExchangeError(
    `the header "${name}" can only be "close", not ${JSON.stringify(value)}: the server decides on the connection`,
  );
}

function checkValue(name: string, value: string): void {
  if (typeof value !== "string") {
    throw new ExchangeError(`the header "${name}" has a value of type ${typeof value}; it takes a string`);
  }
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code > 0xff || ((flags[code] as number) & FIELD) === 0) {
      const point = code.toString(16).toUpperCase().padStart(4, "0");
      throw new ExchangeError(
        `the header "${name}" has a character that can't be sent: U+${point} at position ${i}`,
      );
    }
  }
}

function noteLength(value: string): void {
  if (seen.contentLength >= 0 || !/^(?:0|[1-9][0-9]{0,14})$/.test(value)) {
    throw new ExchangeError(
      `the header "content-length" must be one decimal number, not ${JSON.stringify(value)}`,
    );
  }
  seen.contentLength = Number(value);
}
