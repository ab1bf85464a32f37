/**
 * Puts Socle's `Request`, `Response` and `Headers` under the global names, for applications that use those. Only for processes
 * that run one application, such as `socle serve`'s workers. What could differ for an application: docs/gateway/fetch.md.
 */
import { Headers } from "../headers.ts";
import { type PlatformClasses, platformClasses, recogniseAsOurs } from "../platform.ts";
import { Request } from "../request.ts";
import { Response } from "../response.ts";
import { replaceGlobal, wrapFetch } from "./fetch-bridge.ts";
import { linkToPlatform } from "./platform-link.ts";

let installed = false;

/**
 * Replaces `globalThis.Request`, `Response` and `Headers` with Socle's, and wraps `fetch` so that it takes them. It is to be called
 * before the application is loaded; called again it does nothing. `instanceof` goes both ways: objects of ours are
 * instances of the platform's classes, and the platform's, such as what `fetch` brings, of ours.
 */
export function installFastFetch(): void {
  if (installed) return;
  installed = true;
  // Before the names are taken: the platform's classes are looked up by them.
  platformClasses();
  linkToPlatform();
  install("Request", RequestStandIn, Request);
  install("Response", ResponseStandIn, Response);
  install("Headers", HeadersStandIn, Headers);
  wrapFetch();
}

/*
 * What stands under the global names. A class of ours has a base class, which the platform's have not, and there are
 * libraries that go up from a class until they find what they take for the platform's own (srvx does).
 */

function RequestStandIn(this: unknown, input: never, init: never): Request {
  if (new.target === undefined) throw new TypeError("Request is a class: make one with new");
  if (new.target === (RequestStandIn as unknown)) return new Request(input, init);
  return Reflect.construct(Request, [input, init], new.target);
}

function ResponseStandIn(this: unknown, body: never, init: never): Response {
  if (new.target === undefined) throw new TypeError("Response is a class: make one with new");
  if (new.target === (ResponseStandIn as unknown)) return new Response(body, init);
  return Reflect.construct(Response, [body, init], new.target);
}

function HeadersStandIn(this: unknown, init: never): Headers {
  if (new.target === undefined) throw new TypeError("Headers is a class: make one with new");
  if (new.target === (HeadersStandIn as unknown)) return new Headers(init);
  return Reflect.construct(Headers, [init], new.target);
}

/** Puts a stand-in under a global name, with the prototype and the static methods of the class that it stands for. */
function install(name: keyof PlatformClasses, standIn: object, ours: { readonly prototype: object }): void {
  const { prototype } = ours;
  const { length } = platformClasses()[name];
  for (const [key, property] of Object.entries(Object.getOwnPropertyDescriptors(ours))) {
    if (typeof property.value === "function")
      Object.defineProperty(standIn, key, { ...property, enumerable: true });
  }
  Object.defineProperty(standIn, "prototype", { value: prototype, writable: false });
  Object.defineProperty(standIn, "name", { value: name });
  Object.defineProperty(standIn, "length", { value: length });
  recogniseAsOurs(standIn, name, (value) => value instanceof (ours as never));
  Object.defineProperty(prototype, "constructor", { value: standIn });
  replaceGlobal(name, standIn, false);
}
