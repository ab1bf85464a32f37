/** Forms as real clients write them: the platform's FormData and curl. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { boundaryOf } from "../../src/web/forms/boundary.ts";
import { safeFileName } from "../../src/web/forms/file-name.ts";
import { FileStore } from "../../src/web/forms/file-store.ts";
import { resolveLimits } from "../../src/web/forms/form-options.ts";
import { readMultipartForm } from "../../src/web/forms/multipart-form.ts";
import { App } from "../../src/web/index.ts";
import { runProcess } from "../support/process.ts";
import { requireProgram } from "../support/programs.ts";
import { serveApp } from "./serve-app.ts";

const limits = resolveLimits({ maxNameBytes: 10_000 });

const name = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 20 }),
  fc.constantFrom(
    "a",
    "a[b][c]",
    "__proto__",
    'say "hi"',
    "back\\",
    'x\\"y',
    "line\r\nend",
    "a; name=b",
    "%22",
    "ü",
  ),
);
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.constantFrom("", "\r\n", "--", "\r\n--", "\ufeffx", "\r\n------formdata-undici-0"),
);
const file = fc.record({
  bytes: fc.oneof(fc.uint8Array({ maxLength: 5000 }), fc.constant(new Uint8Array(70_000).fill(13))),
  name: fc.oneof(name, fc.constantFrom("a.png", "../b.txt", "C:\\c.txt")),
  type: fc.constantFrom("", "image/png", "text/plain;charset=utf-8"),
});
const entries = fc.array(fc.tuple(name, fc.oneof(text, file)), { maxLength: 6 });

test("a form that the platform has written is read as the platform reads it, however it is cut", async () => {
  await fc.assert(
    fc.asyncProperty(
      entries,
      fc.array(fc.nat(9999), { maxLength: 8 }),
      fc.constantFrom(0, 2000, 1024 * 1024),
      async (list, at, memoryBytes) => {
        const form = new FormData();
        for (const [field, value] of list) {
          if (typeof value === "string") form.append(field, value);
          else form.append(field, new File([value.bytes], value.name, { type: value.type }));
        }
        const response = new Response(form);
        const contentType = response.headers.get("content-type") ?? "";
        const bytes = new Uint8Array(await response.arrayBuffer());
        const wanted = await new Response(bytes, { headers: { "content-type": contentType } }).formData();

        const places = at.map((n) => Math.floor((n / 10_000) * bytes.length)).sort((a, b) => a - b);
        const pieces = [0, ...places].map((from, i) => bytes.slice(from, places[i] ?? bytes.length));
        const store = new FileStore(memoryBytes, undefined);
        try {
          const { fields, files } = await readMultipartForm(
            inTurn(pieces),
            boundaryOf(contentType),
            limits,
            store,
          );
          const texts = [...wanted].filter(([, value]) => typeof value === "string");
          expect([...fields]).toEqual(texts);
          const wantedFiles = [...wanted].filter(([, value]) => typeof value !== "string") as [
            string,
            File,
          ][];
          expect([...files.keys()]).toEqual([...new Set(wantedFiles.map(([field]) => field))]);
          expect([...files.values()].map((one) => [one.field, one.name, one.size])).toEqual(
            wantedFiles.map(([field, one]) => [field, safeFileName(one.name), one.size]),
          );
          const all = [...files.values()];
          for (const [i, [, one]] of wantedFiles.entries()) {
            expect(all[i]?.type).toBe(one.type.split(";")[0]);
            expect(Buffer.compare((await all[i]?.bytes()) ?? new Uint8Array(), await one.bytes())).toBe(0);
          }
        } finally {
          await store.discard();
        }
      },
    ),
    { numRuns: 300 },
  );
});

async function* inTurn(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array, undefined> {
  yield* pieces;
}

test("curl: fields, files, many of them, a large one, names with quotes, chunked", async (context) => {
  requireProgram(context, "curl");
  const folder = await mkdtemp(join(tmpdir(), "socle-curl-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "small.txt"), "small\n");
  await writeFile(join(folder, "large.bin"), Buffer.alloc(3 * 1024 * 1024, "0123456789"));
  const app = new App();
  app.post("/", async (request) => {
    const fields = await request.form({ maxBytes: 2 ** 24 });
    const files: unknown[] = [];
    for (const [field, one] of await request.files()) {
      const bytes = Buffer.from(await one.bytes());
      files.push([field, one.name, one.type, one.size, bytes.subarray(-3).toString()]);
    }
    return { fields, files };
  });
  const { port } = await serveApp(app);
  const curl = async (...args: string[]): Promise<unknown> => {
    const { stdout, stderr } = await runProcess(
      "curl",
      ["-sS", "--max-time", "20", ...args, `http://127.0.0.1:${port}/`],
      { cwd: folder },
    );
    return stdout === "" ? stderr : JSON.parse(stdout);
  };
  expect(
    await curl(
      "-F",
      "a=1",
      "-F",
      "a=ü",
      "-F",
      "up=@small.txt",
      "-F",
      'up=@small.txt;type=image/png;filename=ü "x".png',
    ),
  ).toEqual({
    fields: { a: ["1", "ü"] },
    files: [
      ["up", "small.txt", "text/plain", 6, "ll\n"],
      ["up", "ü _x_.png", "image/png", 6, "ll\n"],
    ],
  });
  expect(await curl("-F", "f=@large.bin", "-F", 'b"c=2')).toEqual({
    fields: { 'b"c': "2" },
    files: [["f", "large.bin", "application/octet-stream", 3145728, "567"]],
  });
  expect(
    await curl("-H", "transfer-encoding: chunked", "--form-escape", "-F", 'b"c=2', "-F", "t=<small.txt"),
  ).toEqual({
    fields: { 'b"c': "2", t: "small\n" },
    files: [],
  });
  expect(await curl("-F", "a[b][c]=1")).toEqual({ fields: { "a[b][c]": "1" }, files: [] });
});
