/** Makes `import` take TypeScript on every supported Node. */
import { register } from "node:module";

let registered = false;

/**
 * From here on this thread can import `.ts`, `.mts` and `.cts` files, as on a Node that strips types
 * itself (22.18 and later), where nothing is done. Files below `node_modules` stay out, as there.
 */
export function enableTypeScript(): void {
  if (registered || process.features.typescript) return;
  registered = true;
  // From src/ the hook itself is TypeScript, and from dist/ it is not.
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  register(`./typescript-hook.${extension}`, import.meta.url);
}
