/** Every message of the corpus, read by `node:http` as well: where the two disagree, `fuzz/differences.json` says why. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type CorpusEntry, readCorpus } from "../../fuzz/corpus.ts";
import { type NodeReading, nodeReader } from "./node-http.ts";

interface Difference {
  /** What the two read, in short. */
  readonly ours: string;
  readonly node: string;
  readonly why: string;
}

test("each disagreement with node:http is explained, and each explanation is of a disagreement", async () => {
  const explained: Record<string, Difference> = JSON.parse(
    readFileSync(new URL("../../fuzz/differences.json", import.meta.url), "utf8"),
  );
  const read = await nodeReader();
  const found: Record<string, Omit<Difference, "why">> = {};
  for (const entry of readCorpus()) {
    const ours = describeOurs(entry);
    const node = describeNodes(await read(entry.bytes));
    if (ours !== node) found[entry.name] = { ours, node };
  }
  const without = Object.entries(explained).map(([name, { ours, node }]) => [name, { ours, node }]);
  expect(found).toEqual(Object.fromEntries(without));
  for (const { why } of Object.values(explained)) expect(why.length).toBeGreaterThan(20);
});

/** Requests, in short, and what follows them: "GET / HTTP/1.1, POST /p HTTP/1.1 "hello", refused". */
function describeOurs({ events }: CorpusEntry): string {
  const parts: string[] = [];
  for (const event of events) {
    if ("method" in event) {
      parts.push(describeHead(event.method, event.target, `1.${event.version}`, event.fields));
      if (!("trailers" in (events[events.indexOf(event) + 1] ?? {}))) parts.push("without its end");
    } else if ("trailers" in event) {
      parts[parts.length - 1] += describeEnd(event.body, event.trailers ?? []);
    } else {
      parts.push("refused");
    }
  }
  return parts.join(", ");
}

function describeNodes({ requests, refused }: NodeReading): string {
  const parts: string[] = [];
  for (const { method, target, version, fields, body, trailers } of requests) {
    parts.push(describeHead(method, target, version, fields));
    if (body === null) parts.push("without its end");
    else parts[parts.length - 1] += describeEnd(body, trailers);
  }
  if (refused) parts.push("refused");
  return parts.join(", ");
}

/** Fields beyond those that every message of the corpus has. */
function describeHead(method: string, target: string, version: string, fields: readonly string[]): string {
  const lines: string[] = [];
  for (let i = 0; i < fields.length; i += 2) lines.push(`${fields[i]?.toLowerCase()}: ${fields[i + 1]}`);
  return `${method} ${target} HTTP/${version} [${lines.join("; ")}]`;
}

function describeEnd(body: string, trailers: readonly string[]): string {
  let text = body === "" ? "" : ` ${JSON.stringify(body)}`;
  for (let i = 0; i < trailers.length; i += 2) text += ` ${trailers[i]?.toLowerCase()}: ${trailers[i + 1]}`;
  return text;
}
