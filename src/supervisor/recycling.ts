/** When a worker wants to be replaced: it has served enough, or holds too much. */
import type { RetirementReason, ServingData } from "./messages.ts";

/** Looks in a row that must find too much memory: between two collections of garbage there is always more. */
const looks = 5;

export class Recycling {
  readonly #limits: Pick<ServingData, "maxRequests" | "maxLifetime" | "maxMemory">;
  readonly #since: number = performance.now();
  #heavyLooks = 0;

  constructor(limits: Pick<ServingData, "maxRequests" | "maxLifetime" | "maxMemory">) {
    this.#limits = limits;
  }

  /** Looked at with each beat. @param memory resident bytes @returns why it is time, or undefined */
  look(requests: number, memory: number): RetirementReason | undefined {
    const { maxRequests, maxLifetime, maxMemory } = this.#limits;
    this.#heavyLooks = maxMemory > 0 && memory > maxMemory ? this.#heavyLooks + 1 : 0;
    if (maxRequests > 0 && requests >= maxRequests) return "max-requests";
    if (maxLifetime > 0 && performance.now() - this.#since >= maxLifetime) return "max-lifetime";
    return this.#heavyLooks >= looks ? "max-memory" : undefined;
  }
}
