/** All of Hono, in small apps under one roof. */
import { below } from "../cases.mjs";
import * as context from "./context.mjs";
import * as guards from "./guards.mjs";
import * as helpers from "./helpers.mjs";
import * as jsx from "./jsx.mjs";
import * as middleware from "./middleware.mjs";
import * as routing from "./routing.mjs";
import * as streaming from "./streaming.mjs";
import * as tokens from "./tokens.mjs";

const parts = { context, guards, helpers, jsx, middleware, routing, streaming, tokens };

export const packages = ["hono"];

export async function makeApp(tools) {
  const { Hono } = tools.use("hono");
  const app = new Hono();
  app.use(async (c, next) => {
    tools.watch("Context", c);
    tools.watch("HonoRequest", c.req);
    await next();
  });
  for (const [name, { makeApp }] of Object.entries(parts)) app.route(`/${name}`, await makeApp(tools, app));
  return app;
}

export const cases = Object.entries(parts).flatMap(([name, { cases }]) => below(`/${name}`, cases));

/** Request ids, tokens, nonces and times. */
export const scrub = [
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g,
  /eyJ[\w-]+\.[\w-]+\.[\w-]+/g,
  /(?<='nonce-)[^']+/g,
  /(?<=nonce )\S+/g,
  /(?<=dur=)[\d.]+/g,
];

const otherHost = "the entry of another host";
const buildTime = "writes a site's files when it is built";
const browser = "runs in the browser";
export const notForServers = {
  "hono/jsx/dom*": browser,
  "hono/aws-lambda*": otherHost,
  "hono/bun": `${otherHost}, which loads nowhere else`,
  "hono/deno": `${otherHost}, which loads nowhere else`,
  "hono/cloudflare-pages*": otherHost,
  "hono/cloudflare-workers*": otherHost,
  "hono/lambda-edge*": otherHost,
  "hono/netlify*": otherHost,
  "hono/vercel*": otherHost,
  "hono/service-worker*": otherHost,
  ...Object.fromEntries(
    [
      ...[
        "DEFAULT_OUTPUT_DIR",
        "X_HONO_DISABLE_SSG_HEADER_KEY",
        "combine*",
        "defaultExtensionMap",
        "defaultPlugin",
      ],
      ...["fetchRoutesContent", "redirectPlugin", "saveContentToFile", "toSSG"],
    ].map((name) => [`hono/ssg ${name}`, buildTime]),
  ),
  "StreamingApi.abortSubscribers": "the list behind onAbort",
  "hono/types FetchEventLike": "a type that is written as a class",
  "hono/utils/*": "what the rest is made of: what users need of it comes by the other paths",
};
