/** Where an application is mounted, as its exchanges tell. */
import type { Exchange } from "../http/exchange.ts";

/** What an exchange tells whose application is mounted somewhere. */
interface Mounted {
  readonly mountPath: string;
}

/**
 * The path that an exchange's target lacks, because its application is mounted there: `MountedExchange.mountPath`,
 * whoever has wrapped the exchange and hands it on; "" for all others.
 */
export function mountPathOf(exchange: Exchange): string {
  return (exchange as Partial<Mounted>).mountPath ?? "";
}
