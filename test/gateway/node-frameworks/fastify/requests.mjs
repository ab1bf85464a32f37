/** All that a request tells. */

import { ask } from "../../fetch-apps/complete/cases.mjs";

export async function requests(app) {
  const about = async (request) => {
    const {
      params,
      query,
      body,
      method,
      url,
      originalUrl,
      routeOptions,
      is404,
      ip,
      ips,
      host,
      hostname,
      port,
      protocol,
      id,
      mediaType,
    } = request;
    return {
      ...{
        params,
        query,
        body,
        method,
        url,
        originalUrl,
        is404,
        ip,
        ips,
        host: host.replace(/:\d+/, ""),
        hostname,
        id,
        protocol,
        mediaType,
      },
      route: routeOptions.url,
      config: routeOptions.config?.part,
      port: typeof port,
      header: request.headers["x-a"],
      raw: [request.raw.httpVersion, request.raw.url === url, request.socket === request.raw.socket],
      server: request.server === app,
      aborted: request.signal?.aborted,
    };
  };
  app.all("/about/:id/*", { config: { part: "about" } }, about);
  app.mkcol("/collection", about);
  app.route({ method: ["GET", "POST"], url: "/route", handler: about });
  app.query("/query", about);
}

export const cases = [
  ask("GET /requests/about/7/a/b?x=1&x=2&y=%C3%A4", { headers: { "x-a": "1" } }, 200, /"ip":"127\.0\.0\.1"/),
  ask(
    "POST /requests/about/7/a",
    {
      ...{ json: { a: 1 } },
      headers: {
        "x-forwarded-for": "192.0.2.1",
        "x-forwarded-proto": "https",
        "x-forwarded-host": "proxied.example",
        "x-request-id": "given",
      },
    },
    200,
    /"ip":"192\.0\.2\.1".*"id":"given","protocol":"https"/,
  ),
  ask("MKCOL /requests/collection", { json: { made: true } }, 200, /"method":"MKCOL"/),
  ask("POST /requests/route", { json: { a: 1 } }, 200, /"body":\{"a":1\}/),
  ask("QUERY /requests/query", { json: { q: 1 } }, 200, /"body":\{"q":1\}/),
];
