import { describe, expect, it } from "vitest";
import { serve } from "../../../test/http/serve.ts";
import { until } from "../../../test/support/until.ts";
import { type FetchTarget, fetchApplication } from "../fetch/fetch-application.ts";
import { Response as OwnResponse } from "../response.ts";
import { type Breach, type BreachCode, validateFetch } from "./index.ts";

/** Serves a handler; gives what is reported, and where it is served. */
async function serveWatched(target: unknown) {
  const breaches: Breach[] = [];
  const watched = validateFetch(target as FetchTarget, { report: (breach) => breaches.push(breach) });
  const application = fetchApplication(watched);
  const { port } = await serve((exchange) => application.handleExchange(exchange));
  return { url: `http://127.0.0.1:${port}/x?y`, breaches, codes: () => breaches.map(({ code }) => code) };
}

/** As `serveWatched`, with requests that are answered, or fail. */
async function observe(target: unknown, init: RequestInit = {}, times = 1) {
  const watched = await serveWatched(target);
  const answers: { status: number; text: string; length: string | null }[] = [];
  for (let i = 0; i < times; i++) {
    try {
      const response = await fetch(watched.url, init);
      const length = response.headers.get("content-length");
      answers.push({ status: response.status, text: await response.text(), length });
    } catch {
      // What breaks the rules may well not come through.
    }
  }
  return { ...watched, answers };
}

const used = async (response: Response | OwnResponse) => {
  await response.text();
  return response;
};
const constant = new Response("text");
const ownConstant = new OwnResponse("text");
/** A response as no class of the platform's makes it. */
const withBody = (status: number) => Object.defineProperty(new Response("text"), "status", { value: status });

describe("a breach by a fetch handler", () => {
  const table: [code: BreachCode, what: string, handler: unknown, init?: RequestInit, times?: number][] = [
    ["not-a-response", "undefined", () => {}],
    ["not-a-response", "a string", async () => "text"],
    ["not-a-response", "an object", { fetch: () => ({ status: 200 }) }],
    ["network-error-response", "the platform's", () => Response.error()],
    ["network-error-response", "Socle's", () => OwnResponse.error()],
    ["response-body-used", "the platform's", () => used(new Response("text"))],
    ["response-body-used", "Socle's", () => used(new OwnResponse("text"))],
    [
      "response-body-used",
      "locked",
      () => {
        const response = new Response("text");
        response.body?.getReader();
        return response;
      },
    ],
    ["response-returned-twice", "the platform's", () => constant, {}, 2],
    ["response-returned-twice", "Socle's", () => ownConstant, {}, 2],
    ["body-not-allowed", "204", () => withBody(204)],
    [
      "content-length-mismatch",
      "too short",
      () => new Response("text", { headers: { "content-length": "5" } }),
    ],
    [
      "content-length-mismatch",
      "too long",
      () => new OwnResponse("text", { headers: { "content-length": "3" } }),
    ],
    [
      "request-body-read-twice",
      "text and JSON",
      async (request: Request) => {
        await request.text();
        return new Response(String(await request.json().catch(() => "failed")));
      },
      { method: "POST", body: "{}" },
    ],
  ];

  it.each(table)("%s: %s", async (code, _what, handler, init, times) => {
    const { codes, breaches } = await observe(handler, init, times);
    await until(() => breaches.length > 0);
    expect(codes()).toEqual([code]);
    expect(breaches[0]).toMatchObject({ by: "application", target: "/x?y" });
  });

  it("is no endless copy of a body that never ends", async () => {
    let cancelled = false;
    const endless = () =>
      new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(10)),
        cancel: () => {
          cancelled = true;
        },
      });
    const handler = () => new Response(endless(), { headers: { "content-length": "25" } });
    const { codes } = await observe(handler);
    await until(() => cancelled);
    expect(codes()).toEqual(["content-length-mismatch"]);
  });
});

it("bad-request: a caller that gives no request", () => {
  const breaches: Breach[] = [];
  const handler = validateFetch(() => new Response("x"), { report: (breach) => breaches.push(breach) });
  (handler as (request: unknown) => unknown)(undefined);
  expect(breaches).toMatchObject([{ code: "bad-request", by: "server" }]);
});

describe("a fetch handler that keeps the rules", () => {
  const table: [what: string, handler: unknown, text: string, init?: RequestInit][] = [
    ["a text", () => new Response("text"), "text"],
    ["a text of ours", () => new OwnResponse("text"), "text"],
    ["a promise", async () => new Response("text"), "text"],
    ["an object", { fetch: () => new Response("text") }, "text"],
    ["a length", () => new Response("text", { headers: { "content-length": "4" } }), "text"],
    ["a length of ours", () => new OwnResponse("text", { headers: { "content-length": "4" } }), "text"],
    ["204", () => new Response(null, { status: 204 }), ""],
    ["HEAD", () => new Response(null, { headers: { "content-length": "4" } }), "", { method: "HEAD" }],
    [
      "a body that is read",
      async (request: Request) => new Response((await request.json()) as string),
      "in",
      { method: "POST", body: '"in"' },
    ],
    [
      "a body that is cloned and read",
      async (request: Request) => new Response((await request.clone().text()) + (await request.text())),
      "inin",
      { method: "POST", body: "in" },
    ],
    ["what the application throws", () => Promise.reject(new Error("oops")), "Internal Server Error\n"],
  ];

  it.each(table)("%s", async (_what, handler, text, init) => {
    const { codes, answers } = await observe(handler, init);
    expect([codes(), answers[0]?.text]).toEqual([[], text]);
  });

  it("may give a constant without a body again and again", async () => {
    const none = new Response(null, { status: 204 });
    const { codes, answers } = await observe(() => none, {}, 3);
    expect([codes(), answers.length]).toEqual([[], 3]);
  });

  it("is sent as without the validator: text has a length", async () => {
    const { answers } = await observe(() => new OwnResponse("text"));
    expect(answers[0]?.length).toBe("4");
  });

  it("keeps what else it has", () => {
    class Server {
      port = 3000;
      #name = "private";
      fetch(): Response {
        return new Response(this.#name);
      }
    }
    const watched = validateFetch(new Server());
    expect(watched.port).toBe(3000);
    expect(watched).toBeInstanceOf(Server);
  });
});
