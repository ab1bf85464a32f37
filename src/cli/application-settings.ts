/** What the commands share that take an application. */
import type { Interface } from "../gateway/classify.ts";
import type { Command } from "./command.ts";
import { choice, duration, type One, one, onOff, optional } from "./settings.ts";

export const importStringArgument: Command["argument"] = {
  name: "IMPORT_STRING",
  help: [
    "web.ts           its default export, else 'app', 'application', 'fetch',",
    "                 'handler', else what main() returns",
    "web.ts:api       its export 'api'",
    "'web.ts:make()'  what its function 'make' returns, or resolves to",
    "",
    "The module is a file, TypeScript or JavaScript, or a package. The application",
    "is an App of Socle, an object with fetch(request), an app of Hono, h3, Elysia,",
    "itty-router, Express, Connect, Koa or Fastify, an http.Server, or a function",
    "(request), (req, res) or (environ, startResponse).",
  ],
};

export type ApplicationSettings = {
  readonly interface: One<Interface | undefined>;
  readonly fastFetch: One<boolean>;
};

/** For a command's own table. */
export const applicationSettings: ApplicationSettings = {
  interface: optional(choice("fetch", "wsgi", "node"), {
    help: "What the application speaks, where its shape does not tell.",
  }),
  fastFetch: onOff({
    help: "Put light Request, Response and Headers in the place of the platform's, for fetch applications.",
  }),
};

/** For the commands that only load an application, and look at it. */
export const loadingSettings: ApplicationSettings & { readonly timeout: One<number> } = {
  ...applicationSettings,
  timeout: one(duration, 10_000, { help: "How long it may take to load and start." }),
};
