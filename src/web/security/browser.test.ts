/** What a browser makes of the headers. */
import { describe, expect, it } from "vitest";
import { findBrowser } from "../../../test/support/browser.ts";
import { serveApp } from "../../../test/web/serve-app.ts";
import { App, html } from "../index.ts";
import { cors } from "./cors.ts";
import { cspNonce } from "./csp-nonce.ts";
import { securityHeaders } from "./security-headers.ts";

const browser = await findBrowser();

describe.skipIf(browser.missing !== undefined)(`in ${browser.label}`, () => {
  it("scripts with the nonce run, others do not", async () => {
    const app = new App();
    app.register(securityHeaders());
    app.get("/", (request) => {
      return html`<!doctype html><html lang="en"><head><title>x</title></head><body>
        <script>document.title += " injected";</script>
        <script nonce="${cspNonce(request)}">document.title += " own";</script>
        <script src="/script.js"></script>
        <img src="/none" ${html.raw("onerror=\"document.title += ' attribute'\"")} alt="">
      </body></html>`;
    });
    app.get(
      "/script.js",
      () => new Response(`document.title += " file";`, { headers: { "content-type": "text/javascript" } }),
    );
    const { port } = await serveApp(app);
    await using chromium = await browser.launch();
    const page = await chromium.newPage();
    await page.goto(`http://127.0.0.1:${port}/`, { waitUntil: "networkidle" });
    expect(await page.title()).toBe("x own file");
  }, 60_000);

  it("pages of an allowed origin may read answers and send what needs a preflight, others may not", async () => {
    const site = new App();
    site.get("/", () => html("<title>site</title>"));
    const { port: sitePort } = await serveApp(site);
    const api = new App();
    api.register(cors({ origin: `http://127.0.0.1:${sitePort}`, exposeHeaders: ["x-total"] }));
    api.put("/notes/<int:id>", async (request) => {
      const { title } = await request.json<{ title: string }>();
      return new Response(`noted ${title}`, { headers: { "x-total": "7" } });
    });
    const { port } = await serveApp(api);
    await using chromium = await browser.launch();
    const put = async (host: string): Promise<string> => {
      const page = await chromium.newPage();
      await page.goto(`http://${host}:${sitePort}/`);
      return page.evaluate(async (url) => {
        try {
          const headers = { "content-type": "application/json", "x-own": "1" };
          const response = await fetch(url, { method: "PUT", headers, body: '{"title":"milk"}' });
          return `${response.status} ${await response.text()} ${response.headers.get("x-total")}`;
        } catch (error) {
          return (error as Error).name;
        }
      }, `http://127.0.0.1:${port}/notes/1`);
    };
    expect(await put("127.0.0.1")).toBe("200 noted milk 7");
    expect(await put("localhost")).toBe("TypeError");
  }, 60_000);
});
