/**
 * socle/globals: what is current, without passing it on. Importing this module has every app of the process enter a context
 * for each request; without it none does. Outside of a context each of these throws an `UnboundError` when it is used, not when it is imported.
 */
import { useContexts } from "../context/context-variable.ts";
import { LocalProxy } from "../context/local-proxy.ts";
import type { App } from "./app.ts";
import { contextFor, requestFor } from "./context/current.ts";
import type { Request } from "./request.ts";
import type { Session } from "./sessions/session.ts";

useContexts();

/** The request that is being handled. */
export const request: LocalProxy<Request> = new LocalProxy(() => requestFor("request"));

/** The session of the request that is being handled: see `sessions()`. */
export const session: LocalProxy<Session> = new LocalProxy(() => requestFor("session").session);

/** The app whose handler, or whose context, this is: of a mounted app that one. */
export const currentApp: LocalProxy<App> = new LocalProxy(() => contextFor("currentApp").app as App);

/** An object of the context's own, empty at first, for whatever. What has a type of its own is better kept in a `local<T>()`. */
export const g: LocalProxy<Record<string, unknown>> = new LocalProxy(() => contextFor("g").g);
