/** An exchange that tells when its answer begins, and that adds the script that reloads to pages. */
import { ForwardedExchange } from "../gateway/forwarded-exchange.ts";
import type { Exchange, HeaderList, ResponseWriter } from "../http/exchange.ts";
import type { Transport } from "../net/transport/transport.ts";
import { reloadScript } from "./dev-reload-script.ts";

/** Told once of each exchange. `status` is 0 where the connection was cut. */
export type OnAnswer = (exchange: Exchange, status: number, milliseconds: number) => void;

export class DevExchange extends ForwardedExchange {
  readonly #begunAt: number = performance.now();
  readonly #onAnswer: OnAnswer;
  readonly #liveReload: boolean;
  #told = false;

  constructor(outer: Exchange, onAnswer: OnAnswer, liveReload: boolean) {
    super(outer);
    this.#onAnswer = onAnswer;
    this.#liveReload = liveReload;
  }

  override respond(
    status: number,
    headers: HeaderList,
    body: string | Uint8Array | null,
    reason?: string,
  ): void {
    if (body !== null && this.#isPage(status, headers)) {
      super.respond(status, withoutLength(headers), joined(body, scriptTag), reason);
    } else {
      super.respond(status, headers, body, reason);
    }
    this.#tell(status);
  }

  override start(status: number, headers: HeaderList, reason?: string): ResponseWriter {
    const isPage = this.#isPage(status, headers);
    const writer = super.start(status, isPage ? withoutLength(headers) : headers, reason);
    this.#tell(status);
    return isPage ? new PageWriter(writer) : writer;
  }

  override upgrade(protocol: string, headers: HeaderList): Transport {
    const transport = super.upgrade(protocol, headers);
    this.#tell(101);
    return transport;
  }

  override abort(): void {
    super.abort();
    this.#tell(0);
  }

  #isPage(status: number, headers: HeaderList): boolean {
    if (!this.#liveReload || this.method === "HEAD" || status === 204 || status === 304) return false;
    const type = fieldOf(headers, "content-type") ?? "";
    return /^text\/html\b/i.test(type) && fieldOf(headers, "content-encoding") === undefined;
  }

  #tell(status: number): void {
    if (this.#told) return;
    this.#told = true;
    this.#onAnswer(this, status, performance.now() - this.#begunAt);
  }
}

const scriptTag = `\n<script>${reloadScript}</script>\n`;

class PageWriter implements ResponseWriter {
  readonly #outer: ResponseWriter;

  constructor(outer: ResponseWriter) {
    this.#outer = outer;
  }

  write(chunk: string | Uint8Array): Promise<void> | undefined {
    return this.#outer.write(chunk);
  }

  end(trailers?: HeaderList): void {
    void this.#outer.write(scriptTag);
    this.#outer.end(trailers);
  }
}

function fieldOf(headers: HeaderList, name: string): string | undefined {
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]?.toLowerCase() === name) return headers[i + 1];
  }
  return undefined;
}

function withoutLength(headers: HeaderList): HeaderList {
  const kept: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]?.toLowerCase() !== "content-length") kept.push(headers[i]!, headers[i + 1]!);
  }
  return kept;
}

function joined(body: string | Uint8Array, more: string): string | Uint8Array {
  return typeof body === "string" ? body + more : Buffer.concat([body, Buffer.from(more)]);
}
