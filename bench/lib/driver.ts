/** What every kind of load has in common. */
import type { Figures, Load } from "./benchmark.ts";
import type { Cores } from "./machine.ts";
import type { ServerProcess } from "./server-process.ts";
import type { Disturbance } from "./usage.ts";

// In its first second Node still compiles: 28 to 44 µs a request where it comes to 16.
export const warmUpSeconds = 2;

/** How a kind of load is put on a server. Fails when the server doesn't do the work as it should. */
export type LoadDriver<Kind extends Load> = (
  server: ServerProcess,
  load: Kind,
  seconds: number,
  cores: Cores,
) => Promise<Measurement>;

/** What a load brings to light. */
export interface Measurement {
  figures: Figures;
  disturbed: Disturbance;
  /** How often what went wrong, where that doesn't make the measurement worthless. */
  errors: Readonly<Record<string, number>>;
}
