/** Forms through an app, on a real port: what comes of them, what is refused and with which words. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { boundary, file, formOf, multipart, part } from "../../../test/web/multipart.ts";
import { serveApp } from "../../../test/web/serve-app.ts";
import { App, type Request } from "../index.ts";
import type { FormLimits, FormOptions } from "./form-options.ts";
import type { FormPart } from "./form-parts.ts";

interface Answer {
  status: number;
  body: string;
}

/** An app with one handler, and a client for it. */
async function serveForm(
  handler: (request: Request) => unknown,
): Promise<(body: string | FormData | URLSearchParams, headers?: Record<string, string>) => Promise<Answer>> {
  const app = new App({ logError: (error) => faults.push(error) });
  const faults: unknown[] = [];
  onTestFinished(() => expect(faults).toEqual([]));
  app.post("/", (request) => handler(request) as Promise<object>);
  const { port } = await serveApp(app);
  return async (body, headers = {}) => {
    const answer = await fetch(`http://127.0.0.1:${port}/`, {
      method: "POST",
      body: typeof body === "string" ? Buffer.from(body, "latin1") : body,
      headers,
    });
    return { status: answer.status, body: await answer.text() };
  };
}

/** All of a form, as JSON; a file with its content. */
async function whole(request: Request, options: FormOptions = {}): Promise<object> {
  const fields = (await request.form(options)).toJSON();
  const files: unknown[] = [];
  for (const [field, one] of await request.files()) {
    files.push([field, one.name, one.type, one.size, await one.text()]);
  }
  return { fields, files };
}

const refusal = async (body: string, options: FormOptions = {}): Promise<Answer> => {
  const send = await serveForm((request) => whole(request, options));
  return send(body, multipart);
};

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "socle-form-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

describe("form() and files()", () => {
  it("give texts and files of one body, whichever is asked first and how often", async () => {
    const form = new FormData();
    form.append("a", "1");
    form.append("up", new File(["one"], "1.txt", { type: "text/plain; charset=utf-8" }));
    form.append("a", "ü");
    form.append("up", new File(["two"], "2.bin"));
    for (const filesFirst of [true, false]) {
      const send = await serveForm(async (request) => {
        const first = filesFirst ? await request.files() : undefined;
        const [fields, files, again] = await Promise.all([request.form(), request.files(), request.form()]);
        expect(again).toBe(fields);
        if (first !== undefined) expect(first).toBe(files);
        const up = files.getAll("up");
        expect([files.size, files.has("up"), files.has("a"), [...files.keys()]]).toEqual([
          2,
          true,
          false,
          ["up"],
        ]);
        expect(files.get("up")).toBe(up[0]);
        expect(files.get("no")).toBeUndefined();
        return [
          fields,
          await Promise.all(up.map(async (one) => [one.name, one.type, one.size, await one.text()])),
        ];
      });
      expect(await send(form)).toEqual({
        status: 200,
        body: '[{"a":["1","ü"]},[["1.txt","text/plain",3,"one"],["2.bin","application/octet-stream",3,"two"]]]',
      });
    }
  });

  it("take url-encoded forms, which have no files", async () => {
    const send = await serveForm(async (request) => [
      await request.form(),
      (await request.files()).size,
      await request.form(),
    ]);
    expect(await send(new URLSearchParams({ a: "b c" }))).toEqual({
      status: 200,
      body: '[{"a":"b c"},0,{"a":"b c"}]',
    });
  });

  it("hold names for names, nothing more", async () => {
    const names = [
      "__proto__",
      "constructor",
      "__proto__.x",
      "a[b][c]",
      "a[__proto__][x]",
      `${"a[".repeat(80)}`,
      "a.b",
      " ",
    ];
    const send = await serveForm(async (request) => {
      const form = await request.form();
      expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
      return [...form.keys()];
    });
    const { body } = await send(formOf(...names.map((name) => part(`name="${name}"`, "1"))), multipart);
    expect(JSON.parse(body)).toEqual(names);
  });

  it("read names as browsers and others write them", async () => {
    const send = await serveForm(whole);
    const body = formOf(
      part('name="say %22hi%22%0D%0A%41"', "v"),
      part('name="a\\"b"', "v"),
      part("name=plain", "v"),
      file("f", "a\\", "v"),
      part("name=f; filename*=UTF-8''%E2%82%AC.txt; filename=x", "v"),
      part(
        'name="f"; filename="\xe2\x82\xac"',
        "v",
        "Content-Type: a b\r\nContent-Transfer-Encoding: base64\r\n",
      ),
      `--${boundary}\r\ncontent-type:IMAGE/PNG;x=y\r\nCONTENT-DISPOSITION:Form-Data ; NAME=f;FileName=x\r\n\r\n\r\n`,
    );
    expect(JSON.parse((await send(body, multipart)).body)).toEqual({
      fields: { 'say "hi"\r\n%41': "v", 'a"b': "v", plain: "v" },
      files: [
        ["f", "file", "application/octet-stream", 1, "v"],
        ["f", "€.txt", "text/plain", 1, "v"],
        ["f", "€", "text/plain", 1, "v"],
        ["f", "x", "image/png", 0, ""],
      ],
    });
  });

  it("leave out a file field in which nothing was chosen", async () => {
    const send = await serveForm(whole);
    const body = formOf(file("none", "", ""), file("some", "", "x"));
    expect(await send(body, multipart)).toEqual({
      status: 200,
      body: '{"fields":{},"files":[["some","file","application/octet-stream",1,"x"]]}',
    });
  });

  it("take preamble and epilogue, an empty form, and any content but the boundary", async () => {
    const send = await serveForm(whole);
    expect(
      await send(`preamble\r\n${formOf(part('name="a"', "1"))}epilogue --${boundary}`, multipart),
    ).toEqual({
      status: 200,
      body: '{"fields":{"a":"1"},"files":[]}',
    });
    expect(await send(`--${boundary}--`, multipart)).toEqual({
      status: 200,
      body: '{"fields":{},"files":[]}',
    });
    expect(await send(new FormData())).toEqual({ status: 200, body: '{"fields":{},"files":[]}' });
    const content = `\r\n--${boundary.slice(0, -1)}\r\n\r\n--\n--${boundary}\r\n\r\r\n`;
    expect(JSON.parse((await send(formOf(part('name="a"', content)), multipart)).body).fields.a).toBe(
      content,
    );
  });

  it("take a boundary in quotes", async () => {
    const send = await serveForm(whole);
    const type = { "content-type": `Multipart/Form-Data; charset=utf-8; Boundary="${boundary}"` };
    expect(await send(formOf(part("name=a", "1")), type)).toMatchObject({ status: 200 });
  });
});

describe("what is refused", () => {
  it.each([
    [
      "text/plain",
      415,
      "the body is text/plain, but a form is expected here, as application/x-www-form-urlencoded or multipart/form-data",
    ],
    ["multipart/mixed; boundary=x", 415, "the body is multipart/mixed"],
    ["multipart/form-data", 400, "has no boundary"],
    ["multipart/form-data; boundary=", 400, "has no boundary"],
    ['multipart/form-data; boundary="x', 400, "content-type is malformed"],
    ["multipart/form-data; boundary=x; boundary=y", 400, "content-type is malformed"],
    [`multipart/form-data; boundary=${"x".repeat(71)}`, 400, "boundary has 71 characters, and may have 70"],
    ['multipart/form-data; boundary="x "', 400, "ends in a space"],
    ["multipart/form-data; boundary=\xe4", 400, "characters that no boundary may have"],
  ])("a body of type %j", async (type, status, words) => {
    const send = await serveForm(whole);
    const answer = await send("--x--", { "content-type": type });
    expect(answer).toEqual({ status, body: expect.stringContaining(words) });
    const sendParts = await serveForm(async (request) => (await request.parts().next()).value);
    expect((await sendParts("--x--", { "content-type": type })).status).toBe(status);
  });

  it.each<[string, string, string]>([
    ["nothing", "", "the form is not complete: no part of it has come"],
    ["text", "hello", "no part of it has come, without the line --x0y1-- that closes it"],
    ["another boundary", formOf(part("name=a")).replaceAll(boundary, "zzz"), "no part of it has come"],
    ["line feeds only", formOf(part("name=a", "1")).replaceAll("\r\n", "\n"), "(lines end with CRLF)"],
    ["a body without an end", part("name=a", "1"), "it ends in part 1 or after it"],
    [
      "a body that ends in a header",
      `${part("name=a", "1")}--${boundary}\r\nContent-Dis`,
      "it ends in part 1 or after it",
    ],
    [
      "a header without an end",
      `--${boundary}\r\nContent-Disposition: form-data; name=a\r\n--${boundary}--`,
      "the header of part 1 of the form does not end",
    ],
    [
      "a part of nothing",
      `--${boundary}\r\n--${boundary}--`,
      "the header of part 1 of the form does not end",
    ],
    [
      "a header that begins with a space (CVE-2022-24434)",
      `--${boundary}\r\n Content-Disposition: form-data; name="x"\r\n\r\n\r\n--${boundary}--`,
      "part 1 of the form has no content-disposition, or a header line before it is malformed",
    ],
    [
      "a part without header",
      `--${boundary}\r\n\r\nx\r\n--${boundary}--`,
      "part 1 of the form has no content-disposition",
    ],
    [
      "a line without colon",
      formOf(part("name=a"), part("name=b").replace("Content-D", "X\r\nContent-D")),
      "part 2 of the form has no content-disposition",
    ],
    [
      "a line feed in a name",
      formOf(part('name="a\nb"')),
      "has no content-disposition, or a header line before it is malformed",
    ],
    [
      "another disposition",
      formOf(part("name=a").replace("form-data", "attachment")),
      "part 1 of the form has a malformed content-disposition",
    ],
    [
      "two dispositions",
      formOf(part("name=a", "", "Content-Disposition: form-data; name=b\r\n")),
      "malformed content-disposition",
    ],
    ["two names", formOf(part("name=a; name=b")), "malformed content-disposition"],
    ["an open quote", formOf(part('name="a')), "malformed content-disposition"],
    ["no name", formOf(part("filename=a")), "part 1 of the form has no name"],
    [
      "an empty name (CVE-2025-48997)",
      formOf(part('name=""; filename="a"')),
      "part 1 of the form has an empty name",
    ],
    ["a name that is not UTF-8", formOf(part('name="\xe4"')), "the name of part 1 of the form is not UTF-8"],
    [
      "a file name that is not UTF-8",
      formOf(part('name="a"; filename="\xe4"')),
      'the file name of "a" is not UTF-8',
    ],
    [
      "a file name of another charset",
      formOf(part("name=a; filename*=iso-8859-1''%E4")),
      `the file name of "a" is malformed: filename* should be UTF-8''…`,
    ],
    [
      "a malformed filename*",
      formOf(part("name=a; filename*=UTF-8''%E4")),
      'the file name of "a" has malformed percent-encoding',
    ],
    [
      "a value that is not UTF-8",
      formOf(part("name=a", "\xe4", "Content-Type: text/plain; charset=iso-8859-1\r\n")),
      'the value of "a" in the form is not UTF-8',
    ],
  ])("%s: 400", async (_, body, words) => {
    expect(await refusal(body)).toEqual({ status: 400, body: expect.stringContaining(words) });
  });

  it.each<[string, FormOptions, string, string]>([
    ["the body", { maxBytes: 20 }, formOf(part("name=a")), "the body is larger than 20 bytes"],
    [
      "one file",
      { maxFileBytes: 3 },
      formOf(file("a", "x", "123"), file("b", "x", "1234")),
      'the file of "b" is larger than 3 bytes',
    ],
    [
      "files",
      { maxFiles: 1 },
      formOf(file("a", "x", ""), file("b", "x", "")),
      "the form has more than 1 files",
    ],
    [
      "file fields without a file",
      { maxFiles: 1 },
      formOf(file("a", "", ""), file("b", "", "")),
      "the form has more than 1 files",
    ],
    [
      "fields",
      { maxFields: 2 },
      formOf(...["a", "b", "c"].map((name) => part(`name=${name}`))),
      "the form has more than 2 fields",
    ],
    [
      "a value",
      { maxFieldBytes: 2 },
      formOf(part("name=a", "12"), part("name=b", "123")),
      'the value of "b" is larger than 2 bytes',
    ],
    [
      "all values and names",
      { maxTextBytes: 9 },
      formOf(part("name=aa", "123"), part("name=bb", "123")),
      "the text fields of the form are larger than 9 bytes together",
    ],
    [
      "a name",
      { maxNameBytes: 3 },
      formOf(part("name=abcd")),
      "the name of part 1 of the form has 4 bytes, and may have 3",
    ],
    [
      "a header",
      { maxPartHeaderBytes: 80 },
      formOf(part("name=a", "", `X: ${"x".repeat(40)}\r\n`)),
      "the header of part 1 of the form is larger than 80 bytes",
    ],
    [
      "a header that is much too large",
      { maxPartHeaderBytes: 80 },
      formOf(part("name=a", "", `X: ${"x".repeat(4000)}\r\n`)),
      "is larger than 80 bytes",
    ],
    [
      "header lines",
      { maxPartHeaders: 2 },
      formOf(part("name=a", "", "X: 1\r\nX: 2\r\n")),
      "the header of part 1 of the form has more than 2 lines",
    ],
    [
      "many header lines",
      { maxPartHeaders: 2 },
      formOf(part("name=a", "", "X: 1\r\n".repeat(50))),
      "has more than 2 lines",
    ],
  ])("%s beyond a limit: 413", async (_, options, body, words) => {
    expect(await refusal(body, options)).toEqual({ status: 413, body: expect.stringContaining(words) });
    // What is within it is taken, and every limit holds for parts as well.
    const send = await serveForm((request) => collectParts(request, options));
    expect(await send(body, multipart)).toEqual({ status: 413, body: expect.stringContaining(words) });
  });

  it("more of anything than the defaults", async () => {
    const send = await serveForm(whole);
    const many = (count: number, one: string) => formOf(...Array.from({ length: count }, () => one));
    expect(await send(many(1000, part("name=a")), multipart)).toMatchObject({ status: 200 });
    expect(await send(many(1001, part("name=a")), multipart)).toMatchObject({ status: 413 });
    expect(await send(many(101, file("a", "x", "")), multipart)).toMatchObject({ status: 413 });
    expect(await send(formOf(file("a", "x", "x".repeat(1024 * 1024))), multipart)).toMatchObject({
      status: 413,
    });
    const large = await serveForm((request) => whole(request, { maxBytes: 2 ** 22, maxFieldBytes: 2 ** 20 }));
    const text = part("name=a", "x".repeat(2 ** 19));
    expect(await large(formOf(text), multipart)).toMatchObject({ status: 200 });
    expect(await large(formOf(text, text), multipart)).toMatchObject({ status: 413 });
  });

  it("a limit that is none", async () => {
    const send = await serveForm(async (request) => {
      await expect(request.form({ maxFiles: Number.NaN })).rejects.toThrow(RangeError);
      return "refused";
    });
    expect(await send(formOf(), multipart)).toMatchObject({ body: "refused" });
  });
});

async function collectParts(request: Request, limits: FormLimits = {}): Promise<unknown[]> {
  const parts: unknown[] = [];
  for await (const one of request.parts(limits)) {
    parts.push(
      one.kind === "text" ? [one.field, one.value] : [one.field, one.name, one.type, await one.text()],
    );
  }
  return parts;
}

describe("parts()", () => {
  const body = formOf(
    part("name=a", "1"),
    file("f", "x.bin", "content"),
    part("name=b", "2"),
    file("n", "", ""),
  );

  it("gives fields and files in the client's order", async () => {
    const send = await serveForm(collectParts);
    expect(JSON.parse((await send(body, multipart)).body)).toEqual([
      ["a", "1"],
      ["f", "x.bin", "application/octet-stream", "content"],
      ["b", "2"],
    ]);
  });

  it("passes over what was not read, or not to its end", async () => {
    const large = formOf(
      file("f", "1", "x".repeat(200_000)),
      file("f", "2", "y".repeat(200_000)),
      part("name=z", "3"),
    );
    const send = await serveForm(async (request) => {
      const seen: string[] = [];
      for await (const one of request.parts()) {
        seen.push(one.field);
        if (one.kind === "text") continue;
        if (one.name === "2") continue;
        for await (const piece of one) {
          seen.push(String(piece[0]));
          break;
        }
      }
      return seen;
    });
    expect(JSON.parse((await send(large, multipart)).body)).toEqual(["f", "120", "f", "z"]);
  });

  it("gives a file as a stream, once, and before the next part is asked for", async () => {
    const send = await serveForm(async (request) => {
      const kept: FormPart[] = [];
      let text = "";
      for await (const one of request.parts()) {
        if (one.kind === "file" && one.field === "f") {
          text = await new Response(one.stream()).text();
          await expect(one.text()).rejects.toThrow("only once");
        }
        kept.push(one);
      }
      for (const one of kept) {
        if (one.kind === "file") await expect(one.text()).rejects.toThrow("passed over");
      }
      return text;
    });
    expect(await send(body, multipart)).toEqual({ status: 200, body: "content" });
  });

  it("takes the body: form() after it, and it after form(), are errors", async () => {
    const send = await serveForm(async (request) => {
      await collectParts(request);
      await expect(request.form()).rejects.toThrow("read already");
      return "ok";
    });
    expect(await send(body, multipart)).toMatchObject({ body: "ok" });
    const other = await serveForm(async (request) => {
      await request.form();
      await expect(request.parts().next()).rejects.toThrow("read already");
      return "ok";
    });
    expect(await other(body, multipart)).toMatchObject({ body: "ok" });
  });

  it("reads no further than it is asked to", async () => {
    const send = await serveForm(async (request) => {
      for await (const one of request.parts()) return one.field;
      return "none";
    });
    expect(await send(body, multipart)).toMatchObject({ body: "a" });
  });
});

describe("saveTo()", () => {
  it("writes a file that was not there, from memory, from the disk and as it comes", async () => {
    const folder = await temporaryFolder();
    const content = "0123456789abcdef".repeat(20_000);
    for (const [name, options] of [
      ["memory", {}],
      ["disk", { memoryBytes: 0 }],
      ["parts", undefined],
    ] as const) {
      const path = join(folder, name);
      const send = await serveForm(async (request) => {
        if (options !== undefined) await (await request.files(options)).get("f")?.saveTo(path);
        else for await (const one of request.parts()) if (one.kind === "file") await one.saveTo(path);
        return "saved";
      });
      const form = formOf(part("name=a", "1"), file("f", "x", content));
      expect(await send(form, multipart)).toEqual({ status: 200, body: "saved" });
      expect((await readFile(path, "utf8")) === content).toBe(true);
      const plain = join(folder, "plain");
      await writeFile(plain, "");
      expect((await stat(path)).mode).toBe((await stat(plain)).mode);
    }
    expect((await readdir(folder)).sort()).toEqual(["disk", "memory", "parts", "plain"]);
  });

  it("replaces a file only where it is told to", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "x");
    await writeFile(path, "old");
    const send = await serveForm(async (request) => {
      const one = (await request.files()).get("f");
      await expect(one?.saveTo(path)).rejects.toMatchObject({ code: "EEXIST" });
      expect(await readFile(path, "utf8")).toBe("old");
      await one?.saveTo(path, { overwrite: true });
      await expect(one?.saveTo(join(folder, "no", "x"))).rejects.toMatchObject({ code: "ENOENT" });
      return "done";
    });
    expect(await send(formOf(file("f", "x", "new")), multipart)).toMatchObject({ body: "done" });
    expect(await readFile(path, "utf8")).toBe("new");
    expect(await readdir(folder)).toEqual(["x"]);
  });
});
