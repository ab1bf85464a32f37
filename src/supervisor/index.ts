/** The supervisor: processes that serve an application, started, watched and stopped. */
export { type Address, AddressError, formatAddress, parseAddress } from "../net/address.ts";
export { BindError } from "../net/listener/bind.ts";
export { CheckError, type CheckOptions, type CheckReport, checkApplication } from "./check.ts";
export type { ServedApplication } from "./messages.ts";
export {
  type Operated,
  operateBySignals,
  type SignalActions,
  type Stoppable,
  stopOnSignals,
} from "./signals.ts";
export {
  type ServeOptions,
  type StopOptions,
  Supervisor,
  SupervisorError,
  type SupervisorState,
  serve,
} from "./supervisor.ts";
export { type TakenOver, takeOver } from "./take-over.ts";
