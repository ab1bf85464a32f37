import { describe, expect, it } from "vitest";
import { serve } from "../../../test/http/serve.ts";
import { MemoryExchange, type MemoryExchangeOptions } from "../memory-exchange.ts";
import { MountedExchange } from "../mounted-exchange.ts";
import { validate } from "../validate/index.ts";
import type { Environ } from "./environ.ts";
import { type WsgiOptions, wsgiApplication } from "./wsgi-application.ts";
import type { WsgiApplication } from "./wsgi-interface.ts";

/** The environ that an application gets, and what was answered. */
async function ask(target: string, request: MemoryExchangeOptions = {}, options: WsgiOptions = {}) {
  let environ: Environ | undefined;
  const app: WsgiApplication = (given, startResponse) => {
    environ = given;
    startResponse("204 No Content", []);
    return [];
  };
  const exchange = new MemoryExchange(target, request);
  await wsgiApplication(app, options).handleExchange(exchange);
  return { environ: environ as Environ, called: environ !== undefined, exchange };
}

describe("environ", () => {
  it("has the keys of PEP 3333 and CGI", async () => {
    const { environ, exchange } = await ask("/a%20b/%C3%A9?q=%20&r", {
      method: "PUT",
      body: "abc",
      authority: "example.org:8000",
      headers: { "Content-Type": "text/x", Host: "Example.org:8000", "X-Request-Id": "7" },
      connection: {
        remoteAddress: "192.0.2.7",
        remotePort: 4711,
        localAddress: "192.0.2.1",
        localPort: 8000,
      },
    });
    expect(Object.getPrototypeOf(environ)).toBe(null);
    expect(environ).toEqual({
      REQUEST_METHOD: "PUT",
      SCRIPT_NAME: "",
      PATH_INFO: "/a b/é",
      QUERY_STRING: "q=%20&r",
      CONTENT_TYPE: "text/x",
      CONTENT_LENGTH: "3",
      SERVER_NAME: "192.0.2.1",
      SERVER_PORT: "8000",
      SERVER_PROTOCOL: "HTTP/1.1",
      REMOTE_ADDR: "192.0.2.7",
      REMOTE_PORT: "4711",
      HTTP_HOST: "example.org:8000",
      HTTP_X_REQUEST_ID: "7",
      "wsgi.version": [1, 0],
      "wsgi.url_scheme": "http",
      "wsgi.input": expect.anything(),
      "wsgi.input_terminated": true,
      "wsgi.errors": expect.anything(),
      "wsgi.multithread": false,
      "wsgi.multiprocess": true,
      "wsgi.run_once": false,
      "socle.exchange": exchange,
    });
  });

  it("leaves out what the request does not have", async () => {
    const { environ } = await ask("/");
    expect("CONTENT_TYPE" in environ).toBe(false);
    expect("CONTENT_LENGTH" in environ).toBe(false);
    expect(environ).toMatchObject({ QUERY_STRING: "", REMOTE_ADDR: "", REMOTE_PORT: "" });
    async function* chunks() {
      yield "abc";
    }
    expect("CONTENT_LENGTH" in (await ask("/", { body: chunks() })).environ).toBe(false);
    expect((await ask("/", { method: "POST", headers: { "content-length": "0" } })).environ).toMatchObject({
      CONTENT_LENGTH: "0",
    });
  });

  it("names a server where the connection has no address", async () => {
    const over = async (options: MemoryExchangeOptions) => {
      const { SERVER_NAME, SERVER_PORT } = (await ask("/", options)).environ;
      return `${SERVER_NAME} ${SERVER_PORT}`;
    };
    expect(await over({ authority: "a.example:81" })).toBe("a.example 81");
    expect(await over({ authority: "a.example", scheme: "https" })).toBe("a.example 443");
    expect(await over({ authority: "[::1]:81" })).toBe("[::1] 81");
    expect(await over({ authority: "", httpVersion: "1.0" })).toBe("localhost 80");
    expect(await over({ connection: { localAddress: "::1", localPort: 5 } })).toBe("[::1] 5");
  });

  it("has the host that the target named, not the one in Host", async () => {
    const { environ } = await ask("http://a.example/x", { headers: { host: "b.example" } });
    expect(environ).toMatchObject({ HTTP_HOST: "a.example", PATH_INFO: "/x" });
  });

  it("has * for OPTIONS *", async () => {
    expect((await ask("*", { method: "OPTIONS" })).environ).toMatchObject({
      SCRIPT_NAME: "",
      PATH_INFO: "*",
    });
  });

  it("joins fields of one name, cookies by a semicolon", async () => {
    const { environ } = await ask("/", {
      headers: [
        ["x-a", "1"],
        ["cookie", "a=1"],
        ["X-A", "2"],
        ["Cookie", "b=2"],
      ],
    });
    expect(environ).toMatchObject({ HTTP_X_A: "1, 2", HTTP_COOKIE: "a=1; b=2" });
  });

  it("lets no field pass for another one", async () => {
    const headers = {
      "X_Forwarded-For": "evil",
      Content_Length: "7",
      content_type: "evil/x",
      Proxy: "http://evil",
      "x-forwarded-for": "192.0.2.1",
    };
    const { environ } = await ask("/", { headers });
    expect(environ["HTTP_X_FORWARDED_FOR"]).toBe("192.0.2.1");
    const fields = Object.keys(environ).filter((key) => /^(HTTP|CONTENT)_/.test(key));
    expect(fields.sort()).toEqual(["HTTP_HOST", "HTTP_X_FORWARDED_FOR"]);

    const refused = await ask("/", { headers }, { underscoreHeaders: "refuse" });
    expect(refused.called).toBe(false);
    expect(refused.exchange.responseStatus).toBe(400);
    expect(refused.exchange.takeText()).toContain("x_forwarded-for");
    expect((await ask("/", {}, { underscoreHeaders: "refuse" })).called).toBe(true);
  });

  it("is not taken in by names of Object.prototype", async () => {
    const { environ } = await ask("/", {
      headers: [
        ["__proto__", "x"],
        ["constructor", "y"],
      ],
    });
    expect(environ["HTTP_CONSTRUCTOR"]).toBe("y");
    expect("toString" in environ).toBe(false);
  });

  it.each(["/%", "/a%2", "/%zz", "/%FF", "/%C3%28", "/%ED%A0%80"])("refuses the path %s", async (target) => {
    const { called, exchange } = await ask(target);
    expect([called, exchange.responseStatus]).toEqual([false, 400]);
    expect(exchange.takeText()).toContain("percent-encoding");
  });

  it("does not decode the query", async () => {
    expect((await ask("/?%")).environ.QUERY_STRING).toBe("%");
    expect((await ask("/a?b?c")).environ).toMatchObject({ PATH_INFO: "/a", QUERY_STRING: "b?c" });
  });

  it("says what the options say", async () => {
    const { environ } = await ask("/x", {}, { scriptName: "/shop/é", multiprocess: false });
    expect(environ).toMatchObject({ SCRIPT_NAME: "/shop/é", PATH_INFO: "/x", "wsgi.multiprocess": false });
    for (const scriptName of ["/", "shop", "/shop/"]) {
      expect(() => wsgiApplication(() => [], { scriptName })).toThrow(TypeError);
    }
  });

  it("names the path of a mount, in front of the validator or behind it", async () => {
    let environ: Environ | undefined;
    const app = wsgiApplication(
      (given, startResponse) => {
        environ = given;
        startResponse("204 No Content", []);
        return [];
      },
      { scriptName: "/proxied" },
    );
    for (const application of [app, validate(app)]) {
      for (const [target, path] of [
        ["/a%20b/c/x%20y?q", "/x y"],
        ["/a%20b/c", "/"],
      ] as const) {
        application.handleExchange(new MountedExchange(new MemoryExchange(target), 2));
        expect(environ).toMatchObject({ SCRIPT_NAME: "/proxied/a b/c", PATH_INFO: path });
      }
    }
  });

  it("is the same over a socket", async () => {
    const app = wsgiApplication((environ, startResponse) => {
      const { SERVER_NAME, SERVER_PORT, SERVER_PROTOCOL, REMOTE_ADDR, PATH_INFO } = environ;
      startResponse("200 OK", [["content-type", "application/json"]]);
      const values = [SERVER_NAME, SERVER_PORT, SERVER_PROTOCOL, REMOTE_ADDR, PATH_INFO, environ["HTTP_X_A"]];
      return [new TextEncoder().encode(JSON.stringify(values))];
    });
    const { port } = await serve((exchange) => app.handleExchange(exchange));
    const response = await fetch(`http://127.0.0.1:${port}/%C3%A9`, { headers: { "X-A": "1" } });
    expect(await response.json()).toEqual(["127.0.0.1", String(port), "HTTP/1.1", "127.0.0.1", "/é", "1"]);
  });
});
