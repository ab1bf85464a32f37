/** The module hook of dev-modules.ts, where it runs in Node's hook thread; and what both kinds of hooks share. */
import type { ResolveHook } from "node:module";
import { fileURLToPath } from "node:url";
import type { MessagePort } from "node:worker_threads";
import { fileStamp } from "./dev-file-stamp.ts";

let port: MessagePort | undefined;

/** What Node calls with the data of `register`. */
export function initialize(data: MessagePort): void {
  port = data;
}

export const resolve: ResolveHook = async (specifier, context, next) => {
  try {
    const resolved = await next(specifier, context);
    post(resolvedFile(resolved.url));
    return resolved;
  } catch (error) {
    post(wantedFile(specifier, context.parentURL));
    throw error;
  }
};

/** The mark is made here, before the file is read: the message can take its time. */
function post(path: string | null): void {
  if (path !== null) port?.postMessage({ path, stamp: fileStamp(path) });
}

/** The file of a module, or null where it is none. */
export function resolvedFile(url: string): string | null {
  if (!url.startsWith("file:")) return url.startsWith("/") || /^[A-Za-z]:[\\/]/.test(url) ? url : null;
  return fileURLToPath(url);
}

/** The file that a specifier names which led to none, or null where it names a package. */
export function wantedFile(specifier: string, parentUrl: string | undefined): string | null {
  if (!/^(?:\.{0,2}\/|file:)/.test(specifier)) return null;
  try {
    return fileURLToPath(new URL(specifier, parentUrl));
  } catch {
    return null;
  }
}
