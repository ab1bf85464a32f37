/** `socle serve` on every Node that there is. */
import { findNodes } from "../support/nodes.ts";
import { serveSuite } from "./serve-suite.ts";

for (const node of await findNodes()) serveSuite(node);
