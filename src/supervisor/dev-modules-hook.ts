/** The module hook of dev-modules.ts, where it runs in Node's hook thread; and what both kinds of hooks share. */
import type { ResolveHook } from "node:module";
import { fileURLToPath } from "node:url";
import type { MessagePort } from "node:worker_threads";

let port: MessagePort | undefined;

/** What Node calls with the data of `register`. */
export function initialize(data: MessagePort): void {
  port = data;
}

export const resolve: ResolveHook = async (specifier, context, next) => {
  try {
    const resolved = await next(specifier, context);
    const file = resolvedFile(resolved.url);
    if (file !== null) port?.postMessage(file);
    return resolved;
  } catch (error) {
    const file = wantedFile(specifier, context.parentURL);
    if (file !== null) port?.postMessage(file);
    throw error;
  }
};

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
