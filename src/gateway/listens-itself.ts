/** Finds out whether the code that was loaded has started a server of its own. */
import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds that a server has to begin to listen in: `listen` may look a host name up first. */
const patience = 100;

/**
 * Whether this process listens on a TCP port. To be asked before it does so for Socle, and only where something is wrong: it
 * may take some time.
 */
export async function listensItself(): Promise<boolean> {
  return listens() || (await sleep(patience).then(listens));
}

function listens(): boolean {
  return process.getActiveResourcesInfo().includes("TCPServerWrap");
}
