/** The corpus: one message a file, `NAME.http` as it is sent, `NAME.json` with its idea and what the parser must say of it. */
import { readdirSync, readFileSync } from "node:fs";
import type { ParseEvent } from "../test/http/parse-events.ts";

export interface CorpusEntry {
  readonly name: string;
  readonly bytes: Buffer;
  /** What the message is there for. */
  readonly idea: string;
  /** What `parseEvents` must return. */
  readonly events: readonly ParseEvent[];
}

const folder = new URL("corpus/", import.meta.url);

/** All entries, by name. Throws where a message has no expectation, or the other way round. */
export function readCorpus(): CorpusEntry[] {
  const files = readdirSync(folder).sort();
  const names = files.filter((file) => file.endsWith(".http")).map((file) => file.slice(0, -".http".length));
  if (files.length !== 2 * names.length) throw new Error("each .http file of the corpus needs its .json");
  return names.map((name) => {
    const { idea, events } = JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8"));
    return { name, bytes: readFileSync(new URL(`${name}.http`, folder)), idea, events };
  });
}
