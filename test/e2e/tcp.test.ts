/** `socle tcp` on every Node that there is. */
import { findNodes } from "../support/nodes.ts";
import { tcpSuite } from "./tcp-suite.ts";

for (const node of await findNodes()) tcpSuite(node);
