/** An exchange whose answer gets an app's security headers, by whomever it is given. */
import { ForwardedExchange } from "../../gateway/forwarded-exchange.ts";
import type { Exchange, HeaderList, ResponseWriter } from "../../http/exchange.ts";
import type { Endpoints } from "../../net/transport/transport.ts";
import { NonceConnection } from "./csp-nonce.ts";
import type { GuardHeaders } from "./guard-headers.ts";

export class GuardedExchange extends ForwardedExchange {
  readonly #headers: GuardHeaders;
  /** Made when someone first looks at it. */
  #connection: NonceConnection | undefined;

  constructor(outer: Exchange, headers: GuardHeaders) {
    super(outer);
    this.#headers = headers;
  }

  override get connection(): Endpoints {
    return (this.#connection ??= new NonceConnection(this.outer.connection));
  }

  override respond(
    status: number,
    headers: HeaderList,
    body: string | Uint8Array | null,
    reason?: string,
  ): void {
    this.outer.respond(status, this.#complete(headers), body, reason);
  }

  override start(status: number, headers: HeaderList, reason?: string): ResponseWriter {
    return this.outer.start(status, this.#complete(headers), reason);
  }

  /** An answer's headers with those that it lacks. */
  #complete(headers: HeaderList): HeaderList {
    const { list, positions, policy } = this.#headers;
    const completed: string[] = [];
    // A bit for each of ours that the answer has.
    let present = 0;
    for (let i = 0; i < headers.length; i += 2) {
      const name = headers[i] as string;
      const lowerCase = name.toLowerCase();
      // What software it is helps nobody but those who look for holes.
      if (lowerCase === "x-powered-by") continue;
      const position = positions.get(lowerCase);
      if (position !== undefined) present |= 1 << position;
      completed.push(name, headers[i + 1] as string);
    }
    const nonce = this.#connection?.nonce;
    for (let i = 0, bit = 1; i < list.length; i += 2, bit <<= 1) {
      if ((present & bit) !== 0) continue;
      const withNonce = i === 0 && nonce !== undefined && policy !== null;
      completed.push(list[i] as string, withNonce ? policy.withNonce(nonce) : (list[i + 1] as string));
    }
    return completed;
  }
}
