/** Nothing is left of a form once its request is over, however it ends: no temporary file, no descriptor. */
import { readdirSync, readlinkSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { RawClient } from "../../../test/support/raw-client.ts";
import { until } from "../../../test/support/until.ts";
import { boundary, file, formOf, multipart, part } from "../../../test/web/multipart.ts";
import { requestHead, serveApp } from "../../../test/web/serve-app.ts";
import { App, type Request } from "../index.ts";
import { releaseForm } from "../request.ts";
import type { FormOptions } from "./form-options.ts";
import type { UploadedFile } from "./uploaded-file.ts";

/** The temporary files of forms that are open in this process. */
function openFiles(folder: string): string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(folder) ? [path] : [];
    } catch {
      return [];
    }
  });
}

interface Trial {
  readonly folder: string;
  /** Options by which every file goes to the disk. */
  readonly options: FormOptions;
  send(body: string): Promise<RawClient>;
}

async function serveForm(handler: (request: Request, options: FormOptions) => unknown): Promise<Trial> {
  const folder = await mkdtemp(join(tmpdir(), "socle-form-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const options = { memoryBytes: 0, directory: folder, maxBytes: 2 ** 24 };
  const app = new App({ logError: () => {} });
  app.teardown((request) => releaseForm(request));
  app.post("/", (request) => handler(request, options) as Promise<string>);
  const { open } = await serveApp(app);
  return {
    folder,
    options,
    async send(body) {
      const client = await open();
      const headers = { ...multipart, "content-length": String(body.length), connection: "close" };
      return client.send(requestHead("POST /", headers)).send(body);
    },
  };
}

const large = "x".repeat(600_000);

describe.skipIf(process.platform !== "linux")("the temporary file", () => {
  it("has no name, is one for all files, and is gone after the answer", async () => {
    let seen: unknown;
    let kept: UploadedFile | undefined;
    const { folder, send } = await serveForm(async (request, options) => {
      const files = [...(await request.files(options)).values()];
      kept = files[0];
      const texts = await Promise.all(files.map((one) => one.text()));
      seen = [openFiles(folder).length, await readdir(folder), texts.map((text) => text.length)];
      return "ok";
    });
    const small = await send(
      formOf(part("name=a", "1"), file("f", "1", large), file("f", "2", ""), file("f", "3", "y")),
    );
    expect(await small.untilEnd()).toContain("200 OK");
    expect(seen).toEqual([1, [], [large.length, 0, 1]]);
    await until(() => openFiles(folder).length === 0);
    expect(await readdir(folder)).toEqual([]);
    await expect(kept?.text()).rejects.toThrow("go with their request");
  });

  it("is not made for files that fit into memory, which are gone after the answer as well", async () => {
    let kept: UploadedFile | undefined;
    const { folder, send } = await serveForm(async (request, options) => {
      kept = (await request.files({ ...options, memoryBytes: 10 })).get("f");
      return String(openFiles(folder).length);
    });
    const client = await send(formOf(file("f", "1", "12345"), file("f", "2", "12345")));
    expect(await client.untilEnd()).toMatch(/\r\n\r\n0$/);
    await expect(kept?.text()).rejects.toThrow("go with their request");
    const more = await send(formOf(file("f", "1", "12345"), file("f", "2", "123456")));
    expect(await more.untilEnd()).toMatch(/\r\n\r\n1$/);
    await until(() => openFiles(folder).length === 0);
  });

  it.each<[string, string, (request: Request, options: FormOptions) => unknown, string]>([
    [
      "the handler fails",
      formOf(file("f", "1", large)),
      async (request, options) => {
        await request.files(options);
        throw new Error("a fault");
      },
      "500",
    ],
    [
      "the form is not complete",
      file("f", "1", large) + part("name=a"),
      (request, options) => request.form(options),
      "400",
    ],
    [
      "the form is malformed",
      formOf(file("f", "1", large), part("x=y")),
      (request, options) => request.form(options),
      "400",
    ],
    [
      "a limit is exceeded",
      formOf(file("f", "1", large), file("f", "2", large)),
      (request, options) => request.form({ ...options, maxFiles: 1 }),
      "413",
    ],
    [
      "the handler does not wait for the form",
      formOf(file("f", "1", large)),
      (request, options) => {
        request.files(options).catch(() => {});
        return "early";
      },
      "200",
    ],
    ["the handler doesn't read the form", formOf(file("f", "1", large)), () => "unread", "200"],
  ])("is gone when %s", async (_, body, handler, status) => {
    const { folder, send } = await serveForm(handler);
    const client = await send(body);
    await client.until((received) => received.includes(` ${status} `));
    await until(() => openFiles(folder).length === 0);
    expect(await readdir(folder)).toEqual([]);
  });

  it("is gone when the client leaves in the middle", async () => {
    let over = false;
    const { folder, options } = await serveForm(() => "");
    const app = new App({ logError: () => {} });
    app.teardown(async (request) => {
      await releaseForm(request);
      over = true;
    });
    app.post("/", async (request) => String((await request.files(options)).size));
    const { open } = await serveApp(app);
    const client = await open();
    client.send(requestHead("POST /", { ...multipart, "content-length": "10000000" }));
    client.send(file("f", "1", large));
    await until(() => openFiles(folder).length === 1);
    client.socket.resetAndDestroy();
    await until(() => over);
    expect([openFiles(folder), await readdir(folder)]).toEqual([[], []]);
  });

  it("is left by no form out of many that leave at once", async () => {
    const { folder, options } = await serveForm(() => "");
    const app = new App({ logError: () => {} });
    let begun = 0;
    let over = 0;
    app.teardown(async (request) => {
      await releaseForm(request);
      over++;
    });
    app.post("/", async (request) => {
      begun++;
      return String((await request.files(options)).size);
    });
    const { open } = await serveApp(app);
    for (let i = 0; i < 40; i++) {
      const client = await open();
      const sent = formOf(file("f", "1", "x".repeat(3000 * i)));
      client.send(requestHead("POST /", { ...multipart, "content-length": String(sent.length) }));
      client.send(sent.slice(0, 1500 * i));
      await until(() => begun === i + 1);
      client.socket.resetAndDestroy();
    }
    await until(() => over === 40);
    expect([openFiles(folder), await readdir(folder)]).toEqual([[], []]);
  });

  it("holds as many files as there may be, and they are let go without recursion (CVE-2026-3520)", async () => {
    const count = 20_000;
    const { folder, send } = await serveForm(async (request, options) => {
      const files = await request.files({ ...options, maxFiles: count });
      return String([openFiles(folder).length, files.size]);
    });
    const client = await send(formOf(...Array.from({ length: count }, () => file("f", "1", "x"))));
    expect(await client.untilEnd()).toContain(`1,${count}`);
    await until(() => openFiles(folder).length === 0);
  });

  it("is removed when a file that is being saved does not come whole", async () => {
    const { folder } = await serveForm(() => "");
    const app = new App({ logError: () => {} });
    let failed = false;
    app.post("/", async (request) => {
      for await (const one of request.parts({ maxBytes: 2 ** 24 })) {
        if (one.kind === "file") {
          await one.saveTo(join(folder, "saved")).catch((error: unknown) => {
            failed = true;
            throw error;
          });
        }
      }
      return "";
    });
    const { open } = await serveApp(app);
    const client = await open();
    client.send(requestHead("POST /", { ...multipart, "content-length": "10000000" }));
    client.send(file("f", "1", large));
    await until(() => openFiles(folder).length === 1);
    client.socket.resetAndDestroy();
    await until(() => failed);
    expect([openFiles(folder), await readdir(folder)]).toEqual([[], []]);
  });
});

it("a directory that is not there is an error of the application, which the client learns nothing of", async () => {
  const { send } = await serveForm((request, options) =>
    request.files({ ...options, directory: join(options.directory ?? "", "nowhere") }),
  );
  const received = await (await send(formOf(file("f", "1", "x")))).untilEnd();
  expect(received).toContain(" 500 ");
  expect(received).not.toContain("nowhere");
  expect(boundary).toBeTruthy();
});
