/** What is shown of a fault while an application is developed. `socle dev` alone sets it, in its own processes. */
import type { Exchange } from "../http/exchange.ts";

/** Answers for a fault, in the place of a bare 500. @returns whether it has answered, or will */
export type FaultPage = (exchange: Exchange, error: unknown) => boolean;

/** Tells the developer of a fault, in the place of standard error. The exchange is that of its request, if it came of one. */
export type FaultLog = (error: unknown, exchange: Exchange | undefined) => void;

export let faultPage: FaultPage | null = null;
export let faultLog: FaultLog | null = null;

export function setFaultPage(page: FaultPage | null): void {
  faultPage = page;
}

export function setFaultLog(log: FaultLog | null): void {
  faultLog = log;
}
