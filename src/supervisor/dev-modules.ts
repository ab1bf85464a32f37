/**
 * Which files of the user's an application loads, and which it looks for in vain: told from inside the process that loads it, by
 * Node's module hooks. What belongs to packages, to Node.js and to Socle is left out.
 */
import * as nodeModule from "node:module";
import { sep } from "node:path";
import { fileURLToPath } from "node:url";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import { fileStamp } from "./dev-file-stamp.ts";
import type { WatchedFile } from "./dev-messages.ts";
import { resolvedFile, wantedFile } from "./dev-modules-hook.ts";

/** The directory that Socle's own code runs from. */
const ownDirectory: string = fileURLToPath(new URL("..", import.meta.url));

/** What Node's types don't have yet: hooks in the thread that loads (22.15 and later). */
interface WithSyncHooks {
  registerHooks?(hooks: {
    resolve(
      specifier: string,
      context: { readonly parentURL?: string | undefined },
      next: (specifier: string, context: object) => { readonly url: string },
    ): { readonly url: string };
  }): unknown;
}

/**
 * From here on tells of each file once. Called before the application is loaded.
 * @returns Tells what could not be told at once: to be called when loading has ended.
 */
export function watchModules(onFile: (file: WatchedFile) => void): () => void {
  const told = new Set<string>();
  const tell = (path: string, stamp?: string): void => {
    if (told.has(path) || path.startsWith(ownDirectory) || path.split(sep).includes("node_modules")) return;
    told.add(path);
    onFile({ path, stamp: stamp ?? fileStamp(path) });
  };
  const { registerHooks } = nodeModule as unknown as WithSyncHooks;
  if (registerHooks !== undefined) {
    registerHooks({
      resolve(specifier, context, next) {
        try {
          const resolved = next(specifier, context);
          const file = resolvedFile(resolved.url);
          if (file !== null) tell(file);
          return resolved;
        } catch (error) {
          const file = wantedFile(specifier, context.parentURL);
          if (file !== null) tell(file);
          throw error;
        }
      },
    });
    return () => {};
  }
  return watchFromHookThread(tell);
}

/** For older Nodes, whose hooks run in a thread of their own, and see nothing of `require`. */
function watchFromHookThread(tell: (path: string, stamp?: string) => void): () => void {
  const { port1, port2 } = new MessageChannel();
  const take = ({ path, stamp }: WatchedFile): void => tell(path, stamp);
  port1.on("message", take);
  port1.unref();
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  nodeModule.register(`./dev-modules-hook.${extension}`, import.meta.url, {
    data: port2,
    transferList: [port2],
  });
  const required = nodeModule.createRequire(import.meta.url).cache;
  const tellRest = (): void => {
    for (let got = receiveMessageOnPort(port1); got !== undefined; got = receiveMessageOnPort(port1)) {
      take(got.message as WatchedFile);
    }
    for (const path of Object.keys(required)) tell(path);
  };
  // An application can end the process while it is loaded.
  process.on("exit", tellRest);
  return tellRest;
}
