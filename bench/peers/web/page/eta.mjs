/** The template engine of those frameworks that have none of their own. */
import { join } from "node:path";
import { Eta } from "eta";

export const views = join(import.meta.dirname, "views");
export const eta = new Eta({ views, cache: true });
