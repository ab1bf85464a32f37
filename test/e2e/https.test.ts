/** The HTTP server over TLS and behind a proxy, against curl and node:https. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { HttpServer } from "socle/http";
import type { ListenerOptions, TcpAddress } from "socle/net";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
  makeAuthority,
  missingOpenssl,
  type TestAuthority,
  type TestCertificate,
} from "../support/certificates.ts";

const exec = promisify(execFile);
const hasCurl = await exec("curl", ["--version"]).then(
  () => true,
  () => false,
);

describe.skipIf(missingOpenssl !== "")(`HTTPS ${missingOpenssl}`, () => {
  let directory = "";
  let authority: TestAuthority;
  let certificate: TestCertificate;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "socle-https-"));
    authority = await makeAuthority(directory, "authority");
    certificate = await authority.issue("server", ["localhost", "127.0.0.1"]);
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  async function serve(options: ListenerOptions): Promise<number> {
    const server = new HttpServer((exchange) => {
      const { remoteAddress, tls, proxied } = exchange.connection;
      const facts = {
        scheme: exchange.scheme,
        remoteAddress,
        protocol: tls?.protocol,
        alpn: tls?.alpn,
        proxied: proxied !== undefined,
      };
      exchange.respond(200, ["content-type", "application/json"], JSON.stringify(facts));
    });
    onTestFinished(async () => void (await server.close({ deadline: 0 })));
    const { cert, key } = certificate;
    const tls = { cert, key, alpnProtocols: ["http/1.1"] };
    const address = await server.listen({ kind: "tcp", host: "127.0.0.1", port: 0 }, { tls, ...options });
    return (address as TcpAddress).port;
  }

  test.skipIf(!hasCurl)(`curl${hasCurl ? "" : " (skipped: there is no curl)"}`, async () => {
    const port = await serve({ proxyProtocol: { from: ["127.0.0.1"], required: false } });
    const url = `https://127.0.0.1:${port}/`;
    const seen = async (...args: string[]): Promise<unknown> =>
      JSON.parse((await exec("curl", ["-sS", "--cacert", authority.cert, ...args, url])).stdout);
    const facts = {
      scheme: "https",
      remoteAddress: "127.0.0.1",
      protocol: "TLSv1.3",
      alpn: "http/1.1",
      proxied: false,
    };
    expect(await seen()).toEqual(facts);
    expect(await seen("--tls-max", "1.2")).toEqual({ ...facts, protocol: "TLSv1.2" });
    expect(await seen("--haproxy-protocol")).toEqual({ ...facts, proxied: true });
  });

  test("many requests over few connections", async () => {
    const port = await serve({});
    const agent = new Agent({ keepAlive: true, maxSockets: 2, ca: authority.certPem });
    const get = (): Promise<string> =>
      new Promise((resolve, reject) => {
        const sent = request({ host: "127.0.0.1", port, agent }, (response) => {
          let body = "";
          response.setEncoding("utf8").on("data", (text: string) => {
            body += text;
          });
          response.on("end", () => resolve(body));
        });
        sent.on("error", reject);
        sent.end();
      });
    const bodies = await Promise.all(Array.from({ length: 50 }, get));
    agent.destroy();
    expect(new Set(bodies.map((body) => JSON.parse(body).scheme))).toEqual(new Set(["https"]));
  });
});
