import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { serveApp } from "../../../test/web/serve-app.ts";
import { MemoryExchange, type MemoryExchangeOptions } from "../../gateway/memory-exchange.ts";
import { App, Blueprint, HttpError, html, json, Response, stream } from "../index.ts";
import { trustProxies } from "../proxies/trust-proxies.ts";
import { cspNonce } from "./csp-nonce.ts";
import type { SecurityHeadersOptions } from "./guard-headers.ts";
import { securityHeaders } from "./security-headers.ts";

const POLICY =
  "default-src 'self'; base-uri 'self'; font-src 'self' data:; form-action 'self'; frame-ancestors 'self'; " +
  "img-src 'self' data:; object-src 'none'; script-src 'self'; script-src-attr 'none'; style-src 'self' 'unsafe-inline'";

const PLAIN = {
  "content-security-policy": POLICY,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "origin-agent-cluster": "?1",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "x-dns-prefetch-control": "off",
  "x-frame-options": "SAMEORIGIN",
  "x-permitted-cross-domain-policies": "none",
  "x-xss-protection": "0",
};

const SECURE = {
  ...PLAIN,
  "content-security-policy": `${POLICY}; upgrade-insecure-requests`,
  "strict-transport-security": "max-age=31536000; includeSubDomains",
};

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly text: string;
}

async function ask(app: App, target: string, options: MemoryExchangeOptions = {}): Promise<Answer> {
  const exchange = new MemoryExchange(target, options);
  await app.handleExchange(exchange);
  await exchange.finished;
  const headers: Record<string, string> = {};
  for (let i = 0; i < exchange.responseHeaders.length; i += 2) {
    const name = (exchange.responseHeaders[i] as string).toLowerCase();
    if (name in headers) throw new Error(`${name} was sent twice`);
    headers[name] = exchange.responseHeaders[i + 1] as string;
  }
  return { status: exchange.responseStatus, headers, text: exchange.takeText() };
}

function guarded(options?: SecurityHeadersOptions): App {
  const app = new App({ logError: () => undefined });
  app.register(securityHeaders(options));
  app.get("/", () => "hello");
  return app;
}

describe("the headers", () => {
  const app = guarded();
  app.get("/json", () => ({}));
  app.get("/fails", () => {
    throw new Error("no");
  });
  app.get("/refused", () => {
    throw new HttpError(403);
  });
  app.get("/redirect", () => Response.redirect("http://localhost/"));
  app.get("/stream", () => stream(["a", "b"]));
  app.get("/platform", () => new globalThis.Response("theirs"));
  app.mount("/mount", {
    fetch: () => new globalThis.Response("mounted", { headers: { "x-powered-by": "them" } }),
  });

  it.each([
    ["/", 200],
    ["/json", 200],
    ["/fails", 500],
    ["/refused", 403],
    ["/redirect", 302],
    ["/stream", 200],
    ["/platform", 200],
    ["/nowhere", 404],
    ["/a%2fb", 400],
    ["/mount/x", 200],
  ])("are with every answer: %s", async (target, status) => {
    await app.start();
    const answer = await ask(app, target);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject(PLAIN);
    expect(answer.headers).not.toHaveProperty("strict-transport-security");
    expect(answer.headers).not.toHaveProperty("x-powered-by");
    expect((await ask(app, target, { scheme: "https" })).headers).toMatchObject(SECURE);
  });

  it("are with those to OPTIONS and HEAD, and over a socket", async () => {
    expect((await ask(app, "*", { method: "OPTIONS" })).headers).toMatchObject(PLAIN);
    const { ask: askServer } = await serveApp(app);
    for (const request of ["HEAD /", "OPTIONS /", "GET /stream", "PUT /"]) {
      expect(Object.fromEntries((await askServer(request)).headers)).toMatchObject(PLAIN);
    }
  });

  it("leave those that an answer has", async () => {
    const app = guarded();
    const frames = new Blueprint("/frames");
    frames.after((response) => {
      response.headers.set("X-Frame-Options", "DENY");
      response.headers.set("content-security-policy", "sandbox");
    });
    frames.get("/x", () => json({}, { headers: { "cross-origin-resource-policy": "cross-origin" } }));
    app.register(frames);
    expect((await ask(app, "/frames/x")).headers).toEqual({
      ...PLAIN,
      "content-type": "application/json",
      "x-frame-options": "DENY",
      "content-security-policy": "sandbox",
      "cross-origin-resource-policy": "cross-origin",
    });
  });

  it("can be replaced, left out and added to", async () => {
    const app = guarded({
      contentSecurityPolicy: {
        "img-src": "'self' https://images.example.com",
        "font-src": false,
        "upgrade-insecure-requests": false,
        "report-to": "csp",
      },
      headers: {
        "X-Frame-Options": false,
        "referrer-policy": "no-referrer",
        "reporting-endpoints": 'csp="/csp"',
      },
    });
    const { headers } = await ask(app, "/", { scheme: "https" });
    const { "x-frame-options": _, ...others } = SECURE;
    expect(headers).toEqual({
      ...others,
      "content-type": "text/plain;charset=UTF-8",
      "content-security-policy": `${POLICY.replace(" font-src 'self' data:;", "").replace(
        "img-src 'self' data:",
        "img-src 'self' https://images.example.com",
      )}; report-to csp`,
      "referrer-policy": "no-referrer",
      "reporting-endpoints": 'csp="/csp"',
    });
    expect((await ask(guarded({ contentSecurityPolicy: false }), "/")).headers).not.toHaveProperty(
      "content-security-policy",
    );
    expect((await ask(guarded({ reportOnly: true }), "/")).headers).toMatchObject({
      "content-security-policy-report-only": POLICY,
    });
    const own = { "content-security-policy": "default-src 'none'" };
    expect((await ask(guarded({ contentSecurityPolicy: false, headers: own }), "/")).headers).toMatchObject(
      own,
    );
  });

  it("go by the scheme that a trusted proxy tells, whichever was registered first", async () => {
    for (const plugins of [
      [securityHeaders(), trustProxies(["loopback"])],
      [trustProxies(["loopback"]), securityHeaders()],
    ]) {
      const app = new App();
      for (const plugin of plugins) app.register(plugin);
      app.get("/", ({ ip }) => `${ip}`);
      const headers = { "x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.7" };
      const trusted = await ask(app, "/", { headers, connection: { remoteAddress: "127.0.0.1" } });
      expect([trusted.text, trusted.headers]).toMatchObject(["203.0.113.7", SECURE]);
      const client = await ask(app, "/", { headers, connection: { remoteAddress: "192.0.2.1" } });
      expect([client.text, client.headers["strict-transport-security"]]).toEqual(["192.0.2.1", undefined]);
    }
  });
});

describe("cspNonce", () => {
  const page = (app: App): void => {
    app.get("/page", (request) => html`<script nonce="${cspNonce(request)}"></script>`);
  };

  function nonceIn({ headers, text }: Answer): string {
    const nonce = /'nonce-([^']*)'/.exec(headers["content-security-policy"] as string)?.[1] as string;
    expect(text).toContain(nonce);
    return nonce;
  }

  it("is one for each request, and stands in its policy", async () => {
    const app = guarded({ contentSecurityPolicy: { "style-src": "'self'" } });
    app.get("/page", (request) => html`<script nonce="${cspNonce(request)}"></script>${cspNonce(request)}`);
    const answer = await ask(app, "/page");
    const nonce = nonceIn(answer);
    expect(nonce).toMatch(/^[A-Za-z0-9+/]{22}==$/);
    expect(answer.text.split(nonce)).toHaveLength(3);
    expect(answer.headers["content-security-policy"]).toBe(
      POLICY.replace("script-src 'self'", `script-src 'self' 'nonce-${nonce}'`).replace(
        "style-src 'self' 'unsafe-inline'",
        `style-src 'self' 'nonce-${nonce}'`,
      ),
    );
    expect(nonceIn(await ask(app, "/page"))).not.toBe(nonce);
    expect((await ask(app, "/")).headers["content-security-policy"]).not.toContain("nonce");
  });

  it("is never another request's, though they say the same on one connection", async () => {
    const app = guarded();
    app.get("/page", (request) => cspNonce(request));
    const { open } = await serveApp(app);
    const client = await open();
    const head = "GET /page HTTP/1.1\r\nhost: localhost\r\n\r\n";
    client.send(head.repeat(20));
    client.send(head.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n"));
    const received = await client.untilEnd();
    const policies = [...received.matchAll(/script-src 'self' 'nonce-([^']+)'/g)].map(
      ([, nonce]) => nonce as string,
    );
    const bodies = [...received.matchAll(/\r\n\r\n([A-Za-z0-9+/]{22}==)/g)].map(
      ([, nonce]) => nonce as string,
    );
    expect(policies).toHaveLength(21);
    expect(bodies).toEqual(policies);
    expect(new Set(bodies).size).toBe(21);
  });

  it.each([
    [{ "script-src": "'none'" }, "script-src 'nonce-N'"],
    [{ "script-src": false }, "script-src 'self' 'nonce-N'"],
    [{ "script-src": "'self' 'strict-dynamic'" }, "script-src 'self' 'strict-dynamic' 'nonce-N'"],
  ] as const)("with %j gives %s", async (contentSecurityPolicy, expected) => {
    const app = guarded({ contentSecurityPolicy });
    app.get("/page", (request) => cspNonce(request));
    const answer = await ask(app, "/page");
    expect(answer.headers["content-security-policy"]?.replace(answer.text, "N").split("; ")).toContain(
      expected,
    );
  });

  it("is found by what is mounted, with and without hooks around it", async () => {
    for (const hooks of [0, 1]) {
      const inner = new App();
      page(inner);
      const app = guarded();
      if (hooks > 0) app.after(() => undefined);
      app.mount("/inner", inner);
      nonceIn(await ask(app, "/inner/page"));
    }
  });

  it("is found through compression and proxies", async () => {
    const app = new App({ compression: { minBytes: 1 } });
    app.register(securityHeaders());
    app.register(trustProxies(["loopback"]));
    page(app);
    nonceIn(await ask(app, "/page", { connection: { remoteAddress: "127.0.0.1" } }));
  });

  it("without a policy, or too late, is an error that says so", async () => {
    const errors: unknown[] = [];
    const app = new App({ logError: (error) => void errors.push(error) });
    page(app);
    expect((await ask(app, "/page")).status).toBe(500);
    app.register(securityHeaders());
    app.get("/late", (request) =>
      stream(async function* () {
        yield "a";
        await setImmediate();
        yield cspNonce(request);
      }),
    );
    const exchange = new MemoryExchange("/late");
    await app.handleExchange(exchange);
    expect(exchange.aborted).toBe(true);
    expect(errors.map(String)).toEqual([
      expect.stringContaining("cspNonce() needs a policy that allows it: app.register(securityHeaders())"),
      expect.stringContaining("cspNonce() comes too late"),
    ]);
  });
});

describe("settings that can't be meant", () => {
  it.each<[SecurityHeadersOptions, string]>([
    [{ headers: { "x-a": "b\r\nset-cookie: c" } }, "has a value for x-a that can't be sent"],
    [{ headers: { "x-a": "\0" } }, "has a value for x-a that can't be sent"],
    [{ headers: { "x-a": "" } }, "has a value for x-a that can't be sent"],
    [{ headers: { "x a": "b" } }, 'has "x a", which is no header'],
    [{ headers: { "x\r\n": "b" } }, "which is no header's name"],
    [{ headers: { "x-a": true as unknown as string } }, "it is a text without line ends, or false"],
    [{ headers: { "Content-Security-Policy": "x" } }, "change its directives by contentSecurityPolicy"],
    [
      { contentSecurityPolicy: { "img-src": "a; script-src *" } },
      "has a character that would end the directive",
    ],
    [{ contentSecurityPolicy: { "img-src": "a, b" } }, "has a character that would end the directive"],
    [{ contentSecurityPolicy: { "img-src": "a\r\nb" } }, "has a character that would end the directive"],
    [{ contentSecurityPolicy: { "img-src": "\0" } }, "has a character that would end the directive"],
    [{ contentSecurityPolicy: { imgSrc: "'self'" } }, 'is written as in "img-src"'],
    [
      { contentSecurityPolicy: { "img-src": "self" } },
      "self is written with quotes, 'self': else it is a host",
    ],
    [{ contentSecurityPolicy: { "img-src": ["a"] as unknown as string } }, "a directive's value is a text"],
    [
      { headers: Object.fromEntries(Array.from({ length: 31 }, (_, n) => [`x-${n}`, "y"])) },
      "securityHeaders() takes 31 headers at most",
    ],
  ])("%j: %s", (options, message) => {
    expect(() => securityHeaders(options)).toThrow(message);
  });

  it("is for apps, once", () => {
    expect(() => new Blueprint().register(securityHeaders())).toThrow(
      "securityHeaders() is registered with the app",
    );
    expect(() => guarded().register(securityHeaders())).toThrow("is registered with this app already");
  });
});
