/** The concurrency models of a socket server: how many connections are served at once, and by what. */
import { OptionError } from "../listener/option-error.ts";

/**
 * - `once`: one client, then the server is closed.
 * - `serial`: one client at a time; those who come meanwhile wait for their turn.
 * - `events`: all clients at once, in one event loop.
 * - `{ threads: n }`: n threads, each with an event loop; a handler that computes holds up its own thread only.
 * - `{ processes: n }`: n processes, each with an event loop; a handler that crashes takes its own process only.
 */
export type Model =
  | "once"
  | "serial"
  | "events"
  | { readonly threads: number }
  | { readonly processes: number };

/** Reads a model as people write it: `once`, `serial`, `events`, `threads:4`, `processes:4`. Undefined when it is none. */
export function parseModel(text: string): Model | undefined {
  if (text === "once" || text === "serial" || text === "events") return text;
  const [, kind, digits] = /^(threads|processes):(\d{1,3})$/.exec(text) ?? [];
  const count = Number(digits);
  if (kind === undefined || count < 1) return undefined;
  return kind === "threads" ? { threads: count } : { processes: count };
}

/** The model as `parseModel` reads it. */
export function formatModel(model: Model): string {
  if (typeof model === "string") return model;
  return "threads" in model ? `threads:${model.threads}` : `processes:${model.processes}`;
}

/** The model itself, when it is one. @throws OptionError */
export function checkModel(model: Model): Model {
  // By way of its text, so that what can be written on a command line is what can be written in code.
  const parsed = parseModel(typeof model === "object" && model !== null ? formatModel(model) : String(model));
  if (parsed !== undefined) return parsed;
  throw new OptionError(
    `the model ${JSON.stringify(model)} is none of "once", "serial", "events", { threads: n } and { processes: n }, n from 1 to 999`,
  );
}
