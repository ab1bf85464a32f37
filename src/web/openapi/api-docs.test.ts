/** The document and the page as they are served. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { serve } from "../../../test/http/serve.ts";
import { findBrowser } from "../../../test/support/browser.ts";
import { App, apiDocs, Blueprint, json } from "../index.ts";

const info = { title: "Notes & <more>", version: "1.2" };

function notesApp(): App {
  const app = new App();
  app.register(apiDocs({ info }));
  app.get("/notes/<int:id>", { summary: "Show <b>a note</b>" }, ({ params }) => ({ id: params.id }));
  app.post(
    "/notes",
    { summary: "Take a note", body: z.object({ title: z.string().min(1) }) },
    ({ valid, headers }) => json({ ...valid.body, key: headers.get("authorization") }, { status: 201 }),
  );
  return app;
}

describe("the plugin", () => {
  it("serves the document of all routes but its own", async () => {
    const client = notesApp().testClient();
    const answer = await client.get("/openapi.json");
    expect(answer.headers.get("content-type")).toBe("application/json");
    const document = (await answer.json()) as { paths: object };
    expect(Object.keys(document.paths)).toEqual(["/notes/{id}", "/notes"]);
    const etag = answer.headers.get("etag") as string;
    expect((await client.get("/openapi.json", { headers: { "if-none-match": etag } })).status).toBe(304);
  });

  it("serves a page that loads nothing from elsewhere", async () => {
    const client = notesApp().testClient();
    const page = await client.get("/docs");
    expect(page.headers.get("content-type")).toBe("text/html;charset=UTF-8");
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'; script-src 'sha256-");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    const text = await page.text();
    expect(text).toContain("<title>Notes &amp; &lt;more&gt;</title>");
    expect(text).not.toMatch(/https?:\/\//);
    expect(text.length).toBeLessThan(40_000);
  });

  it("is where it is told to be, below a mount and in a blueprint too", async () => {
    const inner = new App();
    const v1 = new Blueprint("/v1");
    v1.register(
      apiDocs({ info, path: "/api.json", page: "/", servers: [{ url: "https://api.example.com/v1" }] }),
    );
    inner.register(v1);
    inner.get("/x", () => "");
    const outer = new App();
    outer.mount("/in", inner);
    const client = outer.testClient();
    const page = await client.get("/in/v1/");
    expect(await page.text()).toContain('data-document="/in/v1/api.json" data-base="/in"');
    expect(page.headers.get("content-security-policy")).toContain(
      "connect-src 'self' https://api.example.com;",
    );
    expect(await (await client.get("/in/v1/api.json")).json()).toHaveProperty(["paths", "/x"]);

    const bare = new App();
    bare.register(apiDocs({ info, page: null }));
    expect((await bare.testClient().get("/docs")).status).toBe(404);
  });
});

const browser = await findBrowser();

describe.skipIf(browser.missing !== undefined)(`the page in ${browser.label}`, () => {
  it("shows the operations, and sends requests", async () => {
    const app = notesApp();
    const { port } = await serve((exchange) => app.handleExchange(exchange));
    await using chromium = await browser.launch();
    const page = await chromium.newPage();
    const problems: string[] = [];
    page.on("console", (message) => problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(error.message));
    const asked: string[] = [];
    page.on("request", (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));

    await page.goto(`http://127.0.0.1:${port}/docs`);
    await page.getByRole("heading", { name: info.title }).waitFor();
    await page.getByPlaceholder("Bearer").fill("Bearer abc");
    // What is in the document is text, whatever it looks like.
    await page.getByRole("link", { name: "Show <b>a note</b>" }).click();
    await page.getByLabel("id *").fill("7");
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText('"id": 7').waitFor();

    await page.getByRole("searchbox").fill("take");
    expect(await page.locator("#list .item").count()).toBe(1);
    await page.getByRole("link", { name: "Take a note" }).click();
    await page.getByLabel("body").fill('{"title": "milk"}');
    await page.getByLabel("body").press("Control+Enter");
    await page.getByText("201 Created").waitFor();
    await page.getByText('"key": "Bearer abc"').waitFor();
    await page.getByLabel("body").fill('{"title": ""}');
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText("422 Unprocessable").waitFor();

    expect(asked).toEqual(["GET /docs", "GET /openapi.json", "GET /notes/7", "POST /notes", "POST /notes"]);
    // The browser notes each answer that is an error.
    expect(problems.filter((text) => !text.includes("422"))).toEqual([]);
  }, 60_000);
});
