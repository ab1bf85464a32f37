import { describe, expect, it } from "vitest";
import { serveApp } from "../../../test/web/serve-app.ts";
import { MemoryExchange } from "../../gateway/memory-exchange.ts";
import { App, Blueprint } from "../index.ts";
import type { ProxyOptions } from "./proxies.ts";
import { trustProxies } from "./trust-proxies.ts";

const PROXY = "10.0.0.1";

interface Seen {
  readonly ip: string | null;
  readonly scheme: string;
  readonly host: string;
  readonly url: string;
}

interface Asked {
  readonly networks?: readonly string[];
  readonly options?: ProxyOptions;
  readonly peer?: string | undefined;
  readonly headers?: Record<string, string>;
}

/** What a handler sees of a request. */
async function see({ networks = ["10.0.0.0/8"], options, ...asked }: Asked): Promise<Seen> {
  const app = new App();
  app.register(trustProxies(networks, options));
  app.get("/x", ({ ip, scheme, host, url }) => ({ ip: ip ?? null, scheme, host, url }));
  const exchange = new MemoryExchange("/x", {
    headers: { host: "inside", ...asked.headers },
    connection: { remoteAddress: "peer" in asked ? asked.peer : PROXY },
  });
  await app.handleExchange(exchange);
  return JSON.parse(exchange.takeText());
}

async function ipOf(xForwardedFor: string, asked: Asked = {}): Promise<string | null> {
  return (await see({ ...asked, headers: { "x-forwarded-for": xForwardedFor } })).ip;
}

describe("X-Forwarded-For", () => {
  it.each([
    // What the client has sent itself stands on the left, and is never looked at.
    ["203.0.113.7", "203.0.113.7"],
    ["192.0.2.66, 203.0.113.7", "203.0.113.7"],
    ["127.0.0.1, 10.0.0.9, 203.0.113.7", "203.0.113.7"],
    // Further proxies on the way.
    ["192.0.2.66, 203.0.113.7, 10.0.0.2", "203.0.113.7"],
    ["192.0.2.66,203.0.113.7,10.0.0.2 ,\t10.0.0.3", "203.0.113.7"],
    // Clients in the proxies' own network.
    ["10.0.0.8, 10.0.0.2", "10.0.0.8"],
    // What can't be read ends the way: the last proxy stands for whoever was behind it.
    ["", PROXY],
    ["unknown", PROXY],
    ["203.0.113.7,", PROXY],
    ["203.0.113.7, x", PROXY],
    ["203.0.113.7, 10.0.0.999", PROXY],
    ["203.0.113.7, 010.0.0.2", PROXY],
    ["203.0.113.7, 10.0.0.2:x", PROXY],
    ["203.0.113.7, nonsense, 10.0.0.2", "10.0.0.2"],
    ["203.0.113.7, fe80::1%eth0, 10.0.0.2", "10.0.0.2"],
    [",".repeat(8000), PROXY],
    // Forms that proxies write.
    ["203.0.113.7:4711", "203.0.113.7"],
    ["2001:DB8:0::1", "2001:db8::1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["[2001:db8::1]:4711", "2001:db8::1"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["192.0.2.66, 203.0.113.7, ::ffff:10.0.0.2", "203.0.113.7"],
    ["[203.0.113.7]", PROXY],
    ["[2001:db8::1", PROXY],
  ])("%j is %s", async (field, ip) => {
    expect(await ipOf(field)).toBe(ip);
  });

  it("is the client's word where no trusted proxy is connected", async () => {
    expect(await ipOf("203.0.113.7", { peer: "192.0.2.1" })).toBe("192.0.2.1");
    expect(await ipOf("203.0.113.7", { networks: [] })).toBe(PROXY);
    expect(await ipOf("203.0.113.7", { peer: undefined })).toBe(null);
  });

  it.each([
    [["loopback"], "127.0.0.1", true],
    [["loopback"], "::1", true],
    [["loopback"], "::ffff:127.0.0.1", true],
    [["loopback"], PROXY, false],
    [["private"], "192.168.1.1", true],
    [["private"], "172.31.0.1", true],
    [["private"], "172.32.0.1", false],
    [["private"], "fd00::1", true],
    [["192.0.2.1", "2001:db8::/32"], "2001:db8::9", true],
    [["unix:"], undefined, true],
    [["0.0.0.0/0"], "2001:db8::9", false],
  ])("of %j trusts %s: %s", async (networks, peer, expected) => {
    expect(await ipOf("203.0.113.7", { networks, peer })).toBe(expected ? "203.0.113.7" : (peer ?? null));
  });

  it("takes several lines for one list", async () => {
    const app = new App();
    app.register(trustProxies(["loopback"]));
    app.get("/", ({ ip }) => String(ip));
    const { ask } = await serveApp(app);
    const { body } = await ask("GET /", { "x-forwarded-for": "192.0.2.66\r\nX-Forwarded-For: 203.0.113.7" });
    expect(body).toBe("203.0.113.7");
  });
});

describe("X-Forwarded-Proto and -Host", () => {
  it.each([
    ["https", "203.0.113.7", "https"],
    ["HTTPS", "203.0.113.7", "https"],
    ["wss", "203.0.113.7", "https"],
    ["ftp", "203.0.113.7", "http"],
    // With one proxy it is the last: the first is the client's.
    ["https, http", "192.0.2.66, 203.0.113.7", "http"],
    // With two proxies the last but one, or the only one.
    ["http, https, http", "203.0.113.7, 10.0.0.2", "https"],
    ["https", "203.0.113.7, 10.0.0.2", "https"],
  ])("%s for %s is %s", async (proto, xForwardedFor, scheme) => {
    const headers = { "x-forwarded-for": xForwardedFor, "x-forwarded-proto": proto };
    const seen = await see({ headers });
    expect([seen.scheme, seen.url]).toEqual([scheme, `${scheme}://inside/x`]);
    expect((await see({ headers, peer: "192.0.2.1" })).scheme).toBe("http");
  });

  it("the host counts where it is asked for, and where it is one", async () => {
    const headers = {
      "x-forwarded-for": "203.0.113.7",
      "x-forwarded-host": "evil.example, Shop.Example:8443",
    };
    expect((await see({ headers })).host).toBe("inside");
    expect(await see({ headers, options: { host: true } })).toMatchObject({
      host: "shop.example:8443",
      url: "http://shop.example:8443/x",
    });
    expect((await see({ headers, options: { host: true }, peer: "192.0.2.1" })).host).toBe("inside");
    for (const host of ["a/b", "user@a", "", "a:99999", "a b"]) {
      expect((await see({ headers: { "x-forwarded-host": host }, options: { host: true } })).host).toBe(
        "inside",
      );
    }
  });
});

describe("Forwarded", () => {
  const options = { fields: "forwarded", host: true } as const;
  const see7239 = async (forwarded: string): Promise<string> => {
    const { ip, scheme, host } = await see({
      options,
      headers: { forwarded, "x-forwarded-for": "192.0.2.66" },
    });
    return `${ip} ${scheme} ${host}`;
  };

  it.each([
    ["for=203.0.113.7", "203.0.113.7 http inside"],
    ["For=203.0.113.7;Proto=https;Host=shop.example", "203.0.113.7 https shop.example"],
    ['for="[2001:db8:cafe::17]:4711";proto=https', "2001:db8:cafe::17 https inside"],
    ['for="203.0.113.7:4711" ; host="shop.example:8443"', "203.0.113.7 http shop.example:8443"],
    ["for=192.0.2.66;proto=https;host=evil.example, for=203.0.113.7", "203.0.113.7 http inside"],
    ["for=203.0.113.7;proto=https, for=10.0.0.2;proto=http", "203.0.113.7 https inside"],
    ['for=203.0.113.7;secret="a, b;c"', "203.0.113.7 http inside"],
    ["for=203.0.113.7;by=10.0.0.2, for=10.0.0.2", "203.0.113.7 http inside"],
    // Hidden, or not told.
    ["for=203.0.113.7, for=unknown;proto=https", `${PROXY} https inside`],
    ["for=_hidden", `${PROXY} http inside`],
    ["proto=https", `${PROXY} https inside`],
    // Malformed.
    ["for=203.0.113.7, for", `${PROXY} http inside`],
    ["for=203.0.113.7, for=2001:db8::1", `${PROXY} http inside`],
    ["for=203.0.113.7;for=192.0.2.66", `${PROXY} http inside`],
    ['for="203.0.113.\\7"', `${PROXY} http inside`],
    ['for="203.0.113.7', `${PROXY} http inside`],
    ["for=203.0.113.7,", `${PROXY} http inside`],
    ["", `${PROXY} http inside`],
    // A client that leaves a quote open does not get the proxies' elements into it.
    ['for=192.0.2.66;x=", for=203.0.113.7', "203.0.113.7 http inside"],
    ['for="192.0.2.66, for="[2001:db8::1]"', "2001:db8::1 http inside"],
    ['x="\\", for=203.0.113.7;by="_p"', "203.0.113.7 http inside"],
  ])("%s is %s", async (field, seen) => {
    expect(await see7239(field)).toBe(seen);
  });

  it("and X-Forwarded-For are never both believed", async () => {
    expect((await see({ headers: { forwarded: "for=192.0.2.66" } })).ip).toBe(PROXY);
  });
});

describe("the plugin", () => {
  it("holds for hooks before it, for routes by host, for mounts and for other paths", async () => {
    const app = new App();
    const seen: unknown[] = [];
    app.before(({ ip, path }) => void seen.push(`${path} ${ip}`));
    app.register(trustProxies(["10.0.0.0/8"], { host: true }));
    app.get("/", { host: "shop.example" }, () => "the shop");
    const inner = new App();
    inner.get("/in", ({ ip, url }) => `${ip} ${url}`);
    app.mount("/mount", inner);
    const ask = async (target: string): Promise<string> => {
      const headers = {
        "x-forwarded-for": "203.0.113.7",
        "x-forwarded-host": "shop.example",
        "x-forwarded-proto": "https",
      };
      const exchange = new MemoryExchange(target, { headers, connection: { remoteAddress: PROXY } });
      await app.handleExchange(exchange);
      return exchange.takeText();
    };
    expect(await ask("/")).toBe("the shop");
    expect(await ask("/mount/in")).toBe("203.0.113.7 https://shop.example/in");
    expect(await ask("/nowhere")).toBe("404 Not Found");
    expect(seen).toEqual(["/ 203.0.113.7", "/mount/in 203.0.113.7", "/nowhere 203.0.113.7"]);
  });

  it("is for apps, once, and refuses what is no network", () => {
    const app = new App();
    app.register(trustProxies(["loopback"]));
    expect(() => app.register(trustProxies(["private"]))).toThrow("is registered with this app already");
    expect(() => new Blueprint().register(trustProxies([]))).toThrow("is registered with the app");
    expect(() => trustProxies(["lopback"])).toThrow('trustProxies() has "lopback"');
    expect(() => trustProxies(["10.0.0.1/8"])).toThrow("the network is 10.0.0.0/8");
    expect(() => trustProxies([], { fields: "x-real-ip" as "forwarded" })).toThrow('not "x-real-ip"');
  });
});
