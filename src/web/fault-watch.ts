/** For those who call an app themselves and want to see its faults: tests. */
import type { Exchange } from "../http/exchange.ts";
import type { FieldSection } from "../http/field-section.ts";
import type { ErrorLog } from "./error-answer.ts";

/** Returns whether it has taken the error: then it is not logged. */
type FaultWatcher = (error: unknown) => boolean;

/** By the request's fields: these are the same ones, in whatever the exchange is wrapped on its way. */
const watchers = new WeakMap<FieldSection, FaultWatcher>();

/** Has the faults that an exchange ends with told to a function, by the apps that answer it. */
export function watchFaults(exchange: Exchange, watcher: FaultWatcher): void {
  watchers.set(exchange.headers, watcher);
}

/** A log that gets what no watcher has taken. */
export function unlessWatched(log: ErrorLog): ErrorLog {
  return (error, exchange) => {
    const watcher = exchange === undefined ? undefined : watchers.get(exchange.headers);
    if (watcher?.(error) !== true) log(error, exchange);
  };
}
