/** The platform's classes as the oracle for ours: whatever is done to both, both show the same. */
import fc from "fast-check";
import { beforeAll, describe, it } from "vitest";
import { Headers } from "../headers.ts";
import { Request } from "../request.ts";
import { Response } from "../response.ts";
import { linkToPlatform } from "./platform-link.ts";

/** The classes as a test uses them, ours and the platform's. */
interface Classes {
  readonly Headers: typeof globalThis.Headers;
  readonly Request: typeof globalThis.Request;
  readonly Response: typeof globalThis.Response;
}

const ours = { Headers, Request, Response } as unknown as Classes;
const theirs: Classes = {
  Headers: globalThis.Headers,
  Request: globalThis.Request,
  Response: globalThis.Response,
};

beforeAll(linkToPlatform);

/** What comes of something, or the class of its error. */
async function outcome(act: () => unknown): Promise<unknown> {
  try {
    return await act();
  } catch (error) {
    return { threw: (error as Error).constructor.name };
  }
}

/** Does the same with both kinds of classes, and holds what they show against each other. */
async function compare(act: (classes: Classes) => unknown): Promise<void> {
  const [mine, platform] = [await outcome(() => act(ours)), await outcome(() => act(theirs))];
  const [left, right] = [JSON.stringify(mine), JSON.stringify(platform)];
  if (left !== right) throw new Error(`ours:     ${left}\nplatform: ${right}`);
}

const name = fc.constantFrom("a", "A", "x-b", "X-B", "Set-Cookie", "cookie", "content-type", "ä", "a b", "");
const value = fc.oneof(
  fc.constantFrom("1", "", " 2\t", "a, b", "\u00e9", "\u0100", "a\r\nb", "\r\n c", "a\0", "text/css"),
  fc.constantFrom(null, undefined, 7, true) as fc.Arbitrary<unknown>,
);
const pairs = fc.array(fc.tuple(name, value), { maxLength: 5 });
const headersInit: fc.Arbitrary<(classes: Classes) => unknown> = fc.oneof(
  pairs.map((list) => () => list),
  pairs.map((list) => () => Object.fromEntries(list)),
  // No empty values here: ours copies line by line, where the platform joins, and takes the blank off the end.
  pairs.map((list) => (classes: Classes) => {
    return new classes.Headers(list.filter(([, text]) => String(text).trim() !== "") as never);
  }),
  pairs.map((list) => () => new Map(list)),
  fc
    .constantFrom<unknown>(null, undefined, 5, "text", [["a"]], [["a", "b", "c"]], [5])
    .map((odd) => () => odd),
);

interface Step {
  readonly verb: "append" | "set" | "delete" | "get" | "has";
  readonly name: string;
  readonly value: unknown;
}
const step = fc.record<Step>({
  verb: fc.constantFrom("append", "set", "delete", "get", "has"),
  name,
  value,
});

function show(headers: globalThis.Headers): unknown {
  const each: unknown[] = [];
  headers.forEach((value, name) => void each.push([name, value]));
  return {
    // Copied headers are joined once more by the platform, which takes the blank off an empty last value.
    entries: [...headers].map(([name, value]) => hideBoundary([name, value.trimEnd()])),
    keys: [...headers.keys()],
    values: [...headers.values()].length,
    cookies: headers.getSetCookie(),
    each: each.length,
  };
}

/** A form's boundary is chosen at random. */
function hideBoundary<T>(shown: T): T {
  const text = JSON.stringify(shown) ?? "null";
  return JSON.parse(text.replace(/-+(?:form-?data|undici)[a-z0-9-]*?\d{6,}/gi, "BOUNDARY")) as T;
}

const form = (): FormData => {
  const made = new FormData();
  made.set("a", "ä");
  made.set("file", new Blob(["content"]), "name.txt");
  return made;
};
const bodies: (() => unknown)[] = [
  () => undefined,
  () => null,
  () => "",
  () => "täxt",
  () => "\ufeffabc",
  () => "a\ud800b",
  () => '{"a":[1]}',
  () => 12,
  () => new Uint8Array([0x61, 0xff, 0xef, 0xbb, 0xbf]),
  () => new Uint8Array([0xef, 0xbb, 0xbf, 0x62]),
  () => new Uint16Array([1, 2]).subarray(1),
  () => new Uint8Array([1, 2, 3]).buffer,
  () => new Blob(["blob"], { type: "text/css" }),
  () => new Blob(["blob"]),
  () => new URLSearchParams({ a: "1 2" }),
  form,
  () => new Blob(["stream"]).stream(),
  () => {
    const stream = new Blob(["locked"]).stream();
    stream.getReader();
    return stream;
  },
];
const body = fc.constantFrom(...bodies);
const readers = ["text", "json", "bytes", "arrayBuffer", "blob", "formData"] as const;
const reader = fc.constantFrom(...readers);

/** Reads a body in one way, and then in another. */
async function readTwice(
  of: globalThis.Response | globalThis.Request,
  first: (typeof readers)[number],
  second: (typeof readers)[number],
): Promise<unknown> {
  const shown: unknown[] = [of.bodyUsed, of.body === null];
  for (const how of [first, second]) shown.push(await outcome(async () => read(of, how)), of.bodyUsed);
  return hideBoundary(shown);
}

async function read(of: globalThis.Response | globalThis.Request, how: (typeof readers)[number]) {
  const value: unknown = await (of as unknown as Record<string, () => Promise<unknown>>)[how]?.();
  if (value instanceof Blob) return [value.type, await value.text()];
  if (value instanceof FormData) return [...value].map(([key, entry]) => [key, String(entry)]);
  // As text, in which a form's boundary can be found.
  if (value instanceof ArrayBuffer) return ["buffer", Buffer.from(value).toString("latin1")];
  return value instanceof Uint8Array ? ["bytes", Buffer.from(value).toString("latin1")] : value;
}

describe("Headers", () => {
  it("are made, changed and shown as the platform's", async () => {
    const property = fc.asyncProperty(headersInit, fc.array(step, { maxLength: 6 }), (init, steps) =>
      compare(async (classes) => {
        const headers = new classes.Headers(init(classes) as never);
        const results: unknown[] = [];
        for (const { verb, name, value } of steps) {
          results.push(await outcome(() => headers[verb](name, value as string)));
        }
        return [results, show(headers), String(headers)];
      }),
    );
    await fc.assert(property, { numRuns: 500 });
  });
});

/** Fine headers, and ones that are not. */
const fineHeaders = pairs.map(
  (list) => () => list.filter(([key]) => /^[a-z-]+$/i.test(key)).map(([key]) => [key, "v"]),
);

/**
 * Inits that are right, or wrong in one member: where two are, another error may come first.
 * A member that is a function is called with the classes for what it is to be.
 */
function inits(
  right: Record<string, fc.Arbitrary<unknown>>,
  wrong: Record<string, fc.Arbitrary<unknown>>,
): fc.Arbitrary<(classes: Classes) => never> {
  const fault = fc.oneof(
    fc.constant({}),
    ...Object.entries(wrong).map(([member, odd]) => odd.map((value) => ({ [member]: value }))),
  );
  const init = fc.tuple(fc.record(right, { requiredKeys: [] }), fault).map(([a, b]) => ({ ...a, ...b }));
  return fc
    .oneof({ weight: 9, arbitrary: init }, fc.constantFrom<unknown>(undefined, null, 5, {}))
    .map((given) => {
      return (classes) => {
        if (typeof given !== "object" || given === null) return given as never;
        const made: Record<string, unknown> = { ...given };
        for (const member of ["headers", "body"]) {
          if (typeof made[member] === "function")
            made[member] = (made[member] as (c: Classes) => unknown)(classes);
        }
        return made as never;
      };
    });
}

const responseInit = inits(
  {
    status: fc.constantFrom<unknown>(200, 201, 404, 599, "201", 200.9, undefined),
    statusText: fc.constantFrom<unknown>("", "Fine", "\u00e9", null, 5),
    headers: fineHeaders,
  },
  {
    status: fc.constantFrom<unknown>(204, 205, 304, 199, 600, Number.NaN, null),
    statusText: fc.constantFrom<unknown>("\u0100", "a\nb"),
    headers: headersInit,
  },
);

describe("Response", () => {
  it("is made, cloned and read as the platform's", async () => {
    const property = fc.asyncProperty(
      body,
      responseInit,
      fc.boolean(),
      reader,
      reader,
      (make, init, clones, a, b) =>
        compare(async (classes) => {
          const response = new classes.Response(make() as never, init(classes));
          const clone = clones ? response.clone() : response;
          const { status, statusText, ok, type, url, redirected } = clone;
          const head = { status, statusText, ok, type, url, redirected, headers: show(clone.headers) };
          return [
            hideBoundary(head),
            await readTwice(response, a, b),
            clones ? await readTwice(clone, b, a) : 0,
          ];
        }),
    );
    await fc.assert(property, { numRuns: 500 });
  });

  it("is made of another as the platform's", async () => {
    const property = fc.asyncProperty(body, responseInit, reader, (make, init, a) =>
      compare(async (classes) => {
        const first = new classes.Response(make() as never, init(classes));
        const second = new classes.Response(first.body, first);
        return [
          hideBoundary(show(second.headers)),
          second.status,
          await readTwice(second, a, a),
          first.bodyUsed,
        ];
      }),
    );
    await fc.assert(property, { numRuns: 300 });
  });

  it("has json, redirect and error as the platform's", async () => {
    const data = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom<unknown>(undefined, () => 1, 1n),
    );
    await fc.assert(
      fc.asyncProperty(data, responseInit, (value, init) =>
        compare(async (classes) => {
          const response = classes.Response.json(value, init(classes));
          return [response.status, response.statusText, show(response.headers), await response.text()];
        }),
      ),
      { numRuns: 300 },
    );
    const url = fc.constantFrom("http://a.b/c d", "/relative", "", new URL("https://x/?q"));
    const status = fc.constantFrom<unknown>(undefined, 301, 303, 308, 200, 304, "307");
    await fc.assert(
      fc.asyncProperty(url, status, (to, code) =>
        compare((classes) => {
          const response = classes.Response.redirect(to, code as 302);
          return [response.status, show(response.headers), response.body];
        }),
      ),
    );
  });
});

const aborted = AbortSignal.abort(new Error("reason"));
const requestInit = inits(
  {
    method: fc.constantFrom("post", "PUT", "PATCH", "QUERY", "x", undefined),
    body,
    headers: fineHeaders,
    signal: fc.constantFrom(null, undefined, aborted, new AbortController().signal),
    duplex: fc.constant("half"),
    mode: fc.constantFrom("cors", "same-origin", "no-cors"),
    credentials: fc.constantFrom("omit", "include"),
    cache: fc.constantFrom("no-store", "only-if-cached"),
    redirect: fc.constantFrom("manual", "error"),
    referrer: fc.constantFrom("", "about:client", "http://a/b c"),
    referrerPolicy: fc.constantFrom("", "origin"),
    integrity: fc.constantFrom("sha256-x", 5),
    keepalive: fc.constantFrom(true, false, 1),
    priority: fc.constant("high"),
    window: fc.constant(null),
  },
  {
    method: fc.constantFrom<unknown>("get", "TRACE", "a b", "", null),
    headers: headersInit,
    signal: fc.constantFrom<unknown>({}, 5),
    duplex: fc.constantFrom<unknown>("full", undefined),
    mode: fc.constantFrom<unknown>("navigate", "other", null),
    credentials: fc.constantFrom<unknown>("other"),
    cache: fc.constantFrom<unknown>("other"),
    redirect: fc.constantFrom<unknown>("other"),
    referrer: fc.constantFrom<unknown>("relative"),
    referrerPolicy: fc.constantFrom<unknown>("other"),
    priority: fc.constantFrom<unknown>("other"),
    window: fc.constantFrom<unknown>(5),
  },
);

function showRequest(request: globalThis.Request): unknown {
  const { method, url, mode, credentials, cache, redirect, referrer, referrerPolicy } = request;
  const { integrity, keepalive, destination, signal, bodyUsed } = request;
  const { duplex, isReloadNavigation, isHistoryNavigation } = request as unknown as Record<string, unknown>;
  return hideBoundary([
    { method, url, mode, credentials, cache, redirect, referrer, referrerPolicy, integrity, keepalive },
    { destination, duplex, isReloadNavigation, isHistoryNavigation, bodyUsed },
    [signal.aborted, signal.aborted ? (signal.reason as Error).message : null, signal === aborted],
    show(request.headers),
  ]);
}

const url = fc.constantFrom<unknown>(
  ...[
    "http://a.example/b?c#d",
    "HTTP://A:80/../x y",
    "https://u:p@h/",
    "/relative",
    "",
    "about:blank",
    5,
    null,
  ],
  new URL("http://url.example/"),
);

describe("Request", () => {
  it("is made, cloned and read as the platform's", async () => {
    const property = fc.asyncProperty(
      fc.oneof(fc.constant<unknown>("http://a.example/"), url),
      requestInit,
      fc.boolean(),
      reader,
      reader,
      (input, init, clones, a, b) =>
        compare(async (classes) => {
          const request = new classes.Request(input as string, init(classes));
          const clone = clones ? request.clone() : request;
          const shown = showRequest(clone);
          return [shown, await readTwice(request, a, b), clones ? await readTwice(clone, b, a) : 0];
        }),
    );
    await fc.assert(property, { numRuns: 1500 });
  });

  it("is made of another, of its own class and of the platform's, as the platform's is", async () => {
    const property = fc.asyncProperty(
      requestInit,
      requestInit,
      fc.boolean(),
      fc.boolean(),
      reader,
      (first, second, usesFirst, fromPlatform, a) =>
        compare(async (classes) => {
          const { Request: Origin } = fromPlatform ? theirs : classes;
          const input = new Origin("http://a.example/x", first(fromPlatform ? theirs : classes));
          if (usesFirst) await input.text();
          const made = await outcome(() => new classes.Request(input, second(classes)));
          if (!(made instanceof classes.Request)) return [made, input.bodyUsed];
          return [showRequest(made), input.bodyUsed, await readTwice(made, a, a)];
        }),
    );
    await fc.assert(property, { numRuns: 1500 });
  });

  it("aborts with the signal that it was made with, and its clones do", async () => {
    await compare((classes) => {
      const controller = new AbortController();
      const request = new classes.Request("http://a", { signal: controller.signal });
      const second = new classes.Request(request);
      const clone = second.clone();
      controller.abort(new Error("why"));
      return [request, second, clone].map(({ signal }) => [signal.aborted, signal.reason.message]);
    });
  });
});
