/** Loads a handler from a module of the user's. */
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { enableTypeScript } from "../loader/typescript.ts";
import { describeUserError, shorten } from "../loader/user-error.ts";
import { type ConnectionHandler, type HandlerModule, isHandler, toConnectionHandler } from "./handler.ts";

/** A module that gives no handler. The message is one line: what is wrong, where, and what would be right. */
export class HandlerModuleError extends Error {
  override readonly name = "HandlerModuleError";
}

/** The URL of a handler's module. */
export function handlerUrl({ module }: HandlerModule): string {
  if (module instanceof URL) return module.href;
  return module.startsWith("file:") ? module : pathToFileURL(resolve(module)).href;
}

/**
 * Imports a handler; TypeScript is taken as it is.
 * @param url of the module's file
 * @param cwd paths in error messages are relative to it
 * @throws HandlerModuleError
 */
export async function loadHandler(url: string, cwd: string): Promise<ConnectionHandler> {
  const name = url.startsWith("file:") ? shorten(fileURLToPath(url), cwd) : url;
  const fail = (why: string): never => {
    throw new HandlerModuleError(`can't load the handler ${JSON.stringify(name)}: ${why}`);
  };
  enableTypeScript();
  let exports: Readonly<Record<string, unknown>>;
  try {
    exports = await import(url);
  } catch (error) {
    return fail(describeUserError(error, cwd, url));
  }
  const found = [exports["default"], exports["handler"]].find(isHandler);
  if (found !== undefined) return toConnectionHandler(found);
  const names = Object.keys(exports).filter((name) => name !== "module.exports");
  const what = names.length === 0 ? "it exports nothing" : `it exports ${names.join(", ")}`;
  return fail(
    `its default export, or else its export "handler", has to be a function that takes a connection, or a class with a method handle(); ${what}.`,
  );
}
