/**
 * How a page in the browser learns that the code has changed: it holds a stream of events open (WHATWG HTML, §9.2), which ends with the
 * worker that serves it. The browser connects again, waits as every request does, and is answered by the new code.
 */
import type { Exchange, ResponseWriter } from "../http/exchange.ts";

/** The path of the stream, which no application has. */
export const changesPath = "/.socle/changes";

/** For pages: reloads them once the new code answers. */
export const reloadScript: string = `(() => {
  let opened = false;
  new EventSource(${JSON.stringify(changesPath)}).onopen = () => {
    if (opened) location.reload();
    opened = true;
  };
})();`;

const headers: readonly string[] = Object.freeze([
  "content-type",
  "text/event-stream",
  "cache-control",
  "no-store",
]);

/** The streams that a worker holds open. */
export class ChangeStreams {
  readonly #open = new Set<ResponseWriter>();
  #ended = false;

  /** Answers a request for the stream. */
  answer(exchange: Exchange): void {
    if (exchange.method !== "GET") {
      exchange.respond(405, ["allow", "GET"], "");
      return;
    }
    const writer = exchange.start(200, headers);
    // Milliseconds until the browser connects again.
    void writer.write("retry: 50\n\n");
    if (this.#ended) {
      writer.end();
      return;
    }
    this.#open.add(writer);
    exchange.signal.addEventListener("abort", () => this.#open.delete(writer));
  }

  /** The code is old: whoever listens is to connect again. */
  end(): void {
    this.#ended = true;
    for (const writer of this.#open) writer.end();
    this.#open.clear();
  }
}
