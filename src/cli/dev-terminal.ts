/** What `socle dev` prints: a line for the start, a line for each reload, a line for each request, and errors with their source. */
import { stripVTControlCharacters } from "node:util";
import type { Address } from "../net/address.ts";
import { bodyText, type FaultPaint, faultText } from "../supervisor/dev-fault-text.ts";
import type { Trouble } from "../supervisor/dev-page.ts";
import type { DevEvent } from "../supervisor/dev-server.ts";
import { type Style, styleFor } from "./help.ts";
import { titleOf, toUrl } from "./serve.ts";

/** How many of the changed files a line names. */
const NAMED_FILES = 3;

export class DevTerminal {
  readonly #version: string;
  readonly #addresses: () => readonly Address[];
  readonly #style: Style;
  readonly #coloured: boolean;
  readonly #paint: FaultPaint;
  #served = false;

  constructor(version: string, addresses: () => readonly Address[]) {
    this.#version = version;
    this.#addresses = addresses;
    this.#style = styleFor(process.stdout);
    // Whoever colours headings may colour the rest.
    this.#coloured = this.#style.heading("") !== "";
    this.#paint = {
      error: (text) => this.#red(text),
      place: (text) => this.#style.term(text),
      quiet: (text) => (text === "" ? "" : this.#style.aside(text)),
    };
  }

  show(event: DevEvent): void {
    switch (event.type) {
      case "serving": {
        const { changed, milliseconds } = event.load;
        if (!this.#served) {
          this.#printStart(titleOf(event.application));
        } else if (changed === null) {
          this.#print(this.#green("serving again"));
        } else {
          this.#print(
            `${this.#green(`reloaded in ${Math.round(milliseconds)} ms`)} ${this.#style.aside(namesOf(changed))}`,
          );
        }
        return;
      }
      case "troubled":
        if (!this.#served) this.#printStart(null);
        this.#printTrouble(event.trouble);
        return;
      case "died":
        if (!this.#served) this.#printStart(null);
        this.#print(this.#red(event.how) + (event.again ? "" : "; waiting for a change"));
        return;
      case "fault": {
        const at = event.request === "" ? "" : `${clean(event.request)}: `;
        this.#print(`${at}${faultText(event.trouble.faults, "user", this.#paint)}`.trimEnd());
        return;
      }
      case "answered": {
        const { method, target, status, milliseconds } = event;
        const time = milliseconds < 10 ? milliseconds.toFixed(1) : String(Math.round(milliseconds));
        const shown = status === 0 ? this.#red("cut") : this.#statusText(status);
        this.#print(`${method.padEnd(4)} ${clean(target)} ${shown} ${this.#style.aside(`${time} ms`)}`);
      }
    }
  }

  #printStart(what: string | null): void {
    this.#served = true;
    const where = this.#addresses().map(toUrl).join(", ");
    const serving = what === null ? "" : ` serving ${what}`;
    this.#print(
      `${this.#style.heading(`Socle ${this.#version}`)}${serving} on ${this.#style.term(where)} (development, Ctrl-C to stop)`,
    );
  }

  #printTrouble({ summary, faults }: Trouble): void {
    const [first, ...more] = faults;
    const source = first === undefined ? "" : `\n${bodyText(first, "user", this.#paint)}`;
    const causes = more.length === 0 ? "" : `\n${faultText(more, "user", this.#paint)}`;
    this.#print(`${this.#red(summary)}${source.trimEnd()}${causes.trimEnd()}`);
  }

  #statusText(status: number): string {
    if (status >= 500) return this.#red(String(status));
    if (status >= 400) return this.#colour(33, String(status));
    return status >= 300 ? this.#style.term(String(status)) : this.#green(String(status));
  }

  #red(text: string): string {
    return this.#colour(31, text);
  }

  #green(text: string): string {
    return this.#colour(32, text);
  }

  #colour(code: number, text: string): string {
    return this.#coloured ? `\x1b[${code}m${text}\x1b[39m` : text;
  }

  #print(text: string): void {
    process.stdout.write(`${text}\n`);
  }
}

function namesOf(changed: readonly string[]): string {
  const more = changed.length - NAMED_FILES;
  const named = changed.slice(0, NAMED_FILES).join(", ");
  return more > 0 ? `(${named} and ${more} more)` : `(${named})`;
}

/** What a client has sent, without what a terminal would obey. */
function clean(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/[^\x20-\x7e]/g, "?");
}
