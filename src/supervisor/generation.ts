/** What a start or a reload has brought: the workers of one generation are all started with the same. */
import { realpathSync } from "node:fs";
import type { Address } from "../net/address.ts";
import { RespawnPolicy } from "../net/workers/respawn.ts";
import type { ServedApplication, ServingData } from "./messages.ts";
import { type ServeSettings, SupervisorError } from "./serve-options.ts";

/** Milliseconds between two beats of a worker. */
const beatInterval = 1000;

export class Generation {
  /** 1 for the start, and one more with each reload. */
  readonly number: number;
  readonly settings: ServeSettings;
  /** The directory itself, whatever link led to it: that may lead elsewhere by the time a worker has to be replaced. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** When one that has died is replaced. */
  readonly respawn: RespawnPolicy = new RespawnPolicy();
  /** What the application was found to be, once a worker serves. */
  application: ServedApplication | null = null;
  /** When the next worker may be started (`performance.now()`). */
  notBefore = 0;
  /** Workers in a row that have died before they had served for a while. */
  quickDeaths = 0;

  /** @throws SupervisorError if there is no such directory. */
  constructor(number: number, settings: ServeSettings) {
    this.number = number;
    this.settings = settings;
    try {
      this.cwd = realpathSync(settings.cwd);
    } catch {
      throw new SupervisorError(`there is no directory ${settings.cwd} to serve from`);
    }
    this.env = { ...settings.env };
  }

  /** What a worker is told. @param number how many were started before it, and one */
  dataFor(number: number, addresses: readonly Address[]): ServingData {
    const { settings } = this;
    return {
      app: settings.app,
      cwd: this.cwd,
      interface: settings.interface,
      fastFetch: settings.fastFetch,
      validate: settings.validate,
      multiprocess: settings.workers > 1,
      addresses,
      gracefulTimeout: settings.gracefulTimeout,
      generation: this.number,
      number,
      beatInterval,
      // At the latest when it is clear that the worker is about to be killed for it.
      tellBlockedAfter: settings.slowLoop || Math.round(settings.heartbeatTimeout * 0.75),
      maxRequests: withJitter(settings.maxRequests, settings.maxRequestsJitter),
      maxLifetime: withJitter(settings.maxLifetime, settings.maxLifetime / 10),
      maxMemory: settings.maxMemory,
    };
  }
}

/** A limit with something added by chance, so that workers that were started together don't reach it together. */
function withJitter(limit: number, most: number): number {
  return limit === 0 ? 0 : limit + Math.floor(Math.random() * (most + 1));
}
