/** Every message of the corpus, to the parser and over a socket to a server. */
import { describe, expect, onTestFinished, test } from "vitest";
import { readCorpus } from "../../fuzz/corpus.ts";
import { RawClient, statuses } from "../support/raw-client.ts";
import { parseInEverySplit, type RefusedEvent } from "./parse-events.ts";
import { serve } from "./serve.ts";

const corpus = readCorpus();

describe("the parser", () => {
  test.each(corpus)("reads $name as the corpus says", ({ bytes, events }) => {
    expect(parseInEverySplit(bytes.toString("latin1"))).toEqual(events);
  });
});

describe("the server", () => {
  test("answers or refuses each, closes where it refuses, and another client notices nothing", async () => {
    const { port } = await serve(async (exchange) => {
      const body = await exchange.body?.bytes().catch((error: RefusedEvent) => error);
      if (body !== undefined && "status" in body) exchange.respond(body.status, [], body.code);
      else exchange.respond(200, [], "ok");
    });
    const other = await RawClient.open(port);
    onTestFinished(() => other.close());
    const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    for (const { name, bytes, events } of corpus) {
      // Not for a connection without TLS: conformance.test.ts has it.
      if (name === "absolute-form-https") continue;
      using client = await RawClient.open(port);
      await client.send(bytes).end().untilEnd();
      expect(client.ended, name).toBe("end");
      const answers = statuses(client.received).filter((status) => status !== 100);
      expect(answers, name).toEqual(expectedAnswers(events));
      if (answers.at(-1) !== 200) expect(client.received, name).toMatch(/connection: close/);

      other.received = "";
      await other.send(get).until((text) => text.endsWith("ok"));
    }
  });
});

/** One status a request that was read, up to the one behind which nothing is; then that of what is no request. */
function expectedAnswers(events: (typeof corpus)[number]["events"]): number[] {
  const expected: number[] = [];
  let keepAlive = true;
  for (const event of events) {
    if (!keepAlive) break;
    if ("method" in event) continue;
    if ("incomplete" in event) expected.push(400);
    else expected.push("status" in event ? event.status : 200);
    const head = events[events.indexOf(event) - 1];
    if (head !== undefined && "keepAlive" in head) keepAlive = head.keepAlive;
  }
  return expected;
}
