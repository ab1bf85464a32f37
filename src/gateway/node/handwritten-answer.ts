/**
 * An answer that an application writes to its socket byte for byte: to an upgrade, where that is the way it is done, or past its
 * response. It is read, and sent as any other, so that the engine frames it.
 */
import { ExchangeError } from "../../http/errors.ts";
import type { Exchange, HeaderList, ResponseWriter } from "../../http/exchange.ts";
import { bytesAsLatin1 } from "../../http/text.ts";
import { parseFields } from "./message-head.ts";

/** Bytes of a head beyond which it is none. */
const MAX_HEAD = 64 * 1024;

/** Agrees to an upgrade: takes its head's fields and what was written behind the head. */
export type Switching = (headers: HeaderList, rest: Uint8Array) => void;

export class HandwrittenAnswer {
  readonly #exchange: Exchange;
  readonly #onSwitch: Switching | undefined;
  readonly #onContinue: (() => void) | undefined;
  /** What has come of a head. */
  #head = "";
  #writer: ResponseWriter | null = null;
  #remaining = -1;
  #ended = false;

  /**
   * @param onSwitch takes over behind 101; without it, 101 is an error
   * @param onContinue takes the place of 100, which the engine sends once the body is waited for
   */
  constructor(exchange: Exchange, onSwitch?: Switching, onContinue?: () => void) {
    this.#exchange = exchange;
    this.#onSwitch = onSwitch;
    this.#onContinue = onContinue;
  }

  /** @throws ExchangeError for what is no answer, or one that can't be sent */
  write(bytes: Uint8Array): void {
    if (this.#writer !== null) {
      this.#writeBody(this.#writer, bytes);
      return;
    }
    this.#head += bytesAsLatin1(bytes);
    for (let end = this.#head.indexOf("\r\n\r\n"); end >= 0; end = this.#head.indexOf("\r\n\r\n")) {
      const head = this.#head.slice(0, end + 4);
      const rest = this.#head.slice(end + 4);
      this.#head = "";
      if (!this.#takeHead(head, rest)) return;
      this.#head = rest;
    }
    if (this.#head.length > MAX_HEAD) throw new ExchangeError("what was written to the socket is no answer");
  }

  /** Nothing more is written. An answer that was not begun never will be. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    try {
      if (this.#writer === null) this.#exchange.abort();
      else this.#writer.end();
    } catch {
      // Shorter than announced: the engine has cut the connection.
    }
  }

  /** Returns whether another head follows. */
  #takeHead(head: string, rest: string): boolean {
    const lineEnd = head.indexOf("\r\n");
    const line = /^HTTP\/1\.[01] ([1-9][0-9]{2})(?: (.*))?$/.exec(head.slice(0, lineEnd));
    if (line === null) throw new ExchangeError("what was written to the socket is no answer");
    const status = Number(line[1]);
    const { headers, contentLength } = parseFields(head, lineEnd + 2);
    if (status === 101) {
      if (this.#onSwitch === undefined)
        throw new ExchangeError("the client was not asked to switch protocols");
      this.#onSwitch(headers, Buffer.from(rest, "latin1"));
      return false;
    }
    if (status < 200) {
      if (status === 100) this.#onContinue?.();
      else this.#exchange.inform(status, headers);
      return true;
    }
    if (/\r\ntransfer-encoding:/i.test(head)) {
      throw new ExchangeError("an answer that is written to the socket can't be in chunks");
    }
    this.#remaining = contentLength;
    // What else the socket has is nobody's: on Node the connection belongs to who writes by hand, who ends it.
    this.#writer = this.#exchange.start(status, [...headers, "connection", "close"], line[2] ?? "");
    this.#writeBody(this.#writer, Buffer.from(rest, "latin1"));
    return false;
  }

  #writeBody(writer: ResponseWriter, bytes: Uint8Array): void {
    if (this.#ended) return;
    void writer.write(bytes);
    if (this.#remaining < 0) return;
    this.#remaining -= bytes.byteLength;
    if (this.#remaining === 0) this.end();
  }
}
