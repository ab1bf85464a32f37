/** Lets the platform's `fetch` and `new Request` take Socle's requests, which their own checks of private state refuse. */
import { type BodySource, isBlob, takeSource } from "../body.ts";
import { headerListOf } from "../headers.ts";
import { platformClasses } from "../platform.ts";
import { dispatcherOf, isRequest, Request } from "../request.ts";
import { type RequestInit, settingsOf } from "../request-init.ts";
import { hopByHop } from "./hop-by-hop.ts";

let bridged = false;

/**
 * For a process that runs one fetch application and leaves the global names to the platform: `fetch(request)` and
 * `new Request(request, init)` then take the request that the application was given. `Request` becomes a proxy of the platform's
 * class, so `instanceof` and classes derived from it stay as they are. Called again, or after `installFastFetch`, it does nothing.
 */
export function installFetchBridge(): void {
  if (bridged) return;
  const platform = platformClasses().Request;
  wrapFetch();
  const bridge: typeof platform = new Proxy(platform, {
    construct(target, given: [unknown, (RequestInit | undefined)?], newTarget): object {
      const [input, init] = given;
      const args = isOurs(input) ? [toPlatformRequest(new Request(input, init), false)] : given;
      return Reflect.construct(target, args, newTarget === bridge ? target : newTarget);
    },
  });
  Object.defineProperty(platform.prototype, "constructor", {
    value: bridge,
    writable: true,
    enumerable: false,
    configurable: true,
  });
  replaceGlobal("Request", bridge, false);
}

/** Makes the global `fetch` take Socle's requests. Internal to the package. */
export function wrapFetch(): void {
  bridged = true;
  const platformFetch = globalThis.fetch;
  const fetch = async (input: unknown, init?: RequestInit): Promise<unknown> => {
    if (!isOurs(input)) return platformFetch(input as globalThis.Request, init as globalThis.RequestInit);
    return platformFetch(toPlatformRequest(init === undefined ? input : new Request(input, init), true));
  };
  replaceGlobal("fetch", fetch, true);
}

/** Puts something else under a global name. Internal to the package. */
export function replaceGlobal(name: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(globalThis, name, { value, writable: true, enumerable, configurable: true });
}

function isOurs(input: unknown): input is Request {
  return typeof input === "object" && input !== null && isRequest(input);
}

/**
 * A request of ours as one of the platform's. Its body is taken over, as text or bytes where it is one of these.
 * @param sends whether it is sent on, and not kept
 * @throws TypeError if the body was read already, or the platform has no such request
 */
function toPlatformRequest(request: Request, sends: boolean): globalThis.Request {
  const body = withoutType(takeSource(request));
  const headers: [string, string][] = [];
  const list = headerListOf(request.headers);
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i] as string;
    // The length of a body that is not passed on is left out as well.
    if (sends && (hopByHop.has(name) || (body === null && name === "content-length"))) continue;
    headers.push([name, list[i + 1] as string]);
  }
  const { method, signal } = request;
  const init = { ...settingsOf(request), method, headers, body, signal, duplex: "half" };
  const dispatcher = dispatcherOf(request);
  return new (platformClasses().Request)(request.url, { ...init, dispatcher } as globalThis.RequestInit);
}

/** A body that brings no content type: the request's headers have it, or were rid of it. */
function withoutType(source: BodySource): BodySource {
  if (typeof source === "string") return Buffer.from(source);
  return source !== null && isBlob(source) ? source.slice(0, source.size, "") : source;
}
