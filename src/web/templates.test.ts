import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Eta } from "eta";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serveApp } from "../../test/web/serve-app.ts";
import { App, setCookie, type TemplateEngine, templates } from "./index.ts";

let views: string;

beforeAll(async () => {
  views = await mkdtemp(join(tmpdir(), "socle-views-"));
  await writeFile(join(views, "layout.eta"), "<title><%= it.title %></title><%~ it.body %>");
  await writeFile(
    join(views, "note.eta"),
    `<% layout("./layout") %><h1><%= it.title %></h1><a href="<%= it.urlFor("note", { id: 7 }) %>">7</a>`,
  );
});

afterAll(() => rm(views, { recursive: true }));

describe("templates", () => {
  it("answers with Eta's pages, which are escaped", async () => {
    const app = new App();
    const render = templates(new Eta({ views, cache: true }), { defaults: { urlFor: app.urlFor.bind(app) } });
    app.get("/notes/<int:id>", { name: "note" }, async () =>
      setCookie(await render("note", { title: "<b> & 'ä'" }, { status: 203, etag: true }), "seen", "1"),
    );
    const { ask } = await serveApp(app);
    const answer = await ask("GET /notes/7");
    const title = "&lt;b&gt; &amp; &#39;ä&#39;";
    expect([answer.status, answer.headers.get("content-type"), answer.bytes.toString()]).toEqual([
      203,
      "text/html;charset=UTF-8",
      `<title>${title}</title><h1>${title}</h1><a href="/notes/7">7</a>`,
    ]);
    expect([answer.headers.get("set-cookie"), answer.headers.has("etag")]).toEqual([
      expect.stringMatching(/^seen=1;/),
      true,
    ]);
  });

  it("merges data over defaults, which a function can make anew, and waits for the engine", async () => {
    let count = 0;
    const engine: TemplateEngine = {
      render: async (name, data) => JSON.stringify([name, data]),
    };
    const render = templates(engine, { defaults: () => ({ count: ++count, title: "default" }) });
    expect(await (await render("a")).json()).toEqual(["a", { count: 1, title: "default" }]);
    expect(await (await render("b", { title: "own" })).json()).toEqual(["b", { count: 2, title: "own" }]);
  });

  it("refuses what is no engine, and what is no page", async () => {
    expect(() => templates({} as TemplateEngine)).toThrow("an object with a method render(name, data)");
    const render = templates({ render: () => null as unknown as string });
    await expect(render("x")).rejects.toThrow('gave no text for "x": object');
    await expect(templates(new Eta({ views }))("missing")).rejects.toThrow(/missing/);
  });
});
