/**
 * Rung 4: I/O multiplexing, by hand.
 *
 * One thread, any number of clients: the system says which of them has sent something, and the program takes it up
 * where it left off with that one. So what a blocking handler would have kept in its variables, and in the line at which
 * it stands, each connection keeps in an object. This is the callback level, on which `Connection` is built.
 *
 *     node examples/ladder/04-multiplexing.ts
 *     nc 127.0.0.1 8000
 */
import { formatAddress, Listener, type Protocol, parseAddress, type Transport } from "socle/net";

const MAX_LINE = 1000;

/** One client's conversation: where it stands, and what has come of the next line. */
class Conversation implements Protocol {
  readonly #transport: Transport;
  readonly #decoder = new TextDecoder(); // keeps the beginning of a character whose end is still to come
  #state: "asking" | "talking" | "over" = "asking";
  #text = "";

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  start(): void {
    this.#transport.start(this);
    this.#say("What is your name?");
  }

  onData(chunk: Uint8Array): void {
    if (this.#state === "over") return;
    // A chunk is whatever has come: a part of a line, or several lines at once.
    const lines = (this.#text + this.#decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    this.#text = lines.pop() ?? "";
    for (const line of lines) this.#onLine(line);
    if (this.#text.length > MAX_LINE) this.#end("That line is too long.");
  }

  onEnd(): void {
    this.#end("Goodbye.");
  }

  onDrain(): void {
    this.#transport.resume();
  }

  onClose(): void {}

  #onLine(line: string): void {
    switch (this.#state) {
      case "asking":
        this.#state = "talking";
        this.#say(`Hello, ${line}. Say something, or "bye".`);
        break;
      case "talking":
        if (line === "bye") this.#end("Goodbye.");
        else this.#say(line.toUpperCase());
        break;
      case "over":
    }
  }

  #say(line: string): void {
    // Who does not read the answers is not read from either, until they have gone out.
    if (!this.#transport.write(Buffer.from(`${line}\n`))) this.#transport.pause();
  }

  #end(line: string): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#say(line);
    this.#transport.end();
  }
}

const where = parseAddress(process.argv[2] ?? "127.0.0.1:8000");
const listener = await Listener.open(where, (transport) => new Conversation(transport).start());
console.log(`listening on ${formatAddress(listener.address)}`);
