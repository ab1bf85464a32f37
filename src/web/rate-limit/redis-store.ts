/** Rate limits that any number of processes and machines share, in Redis or what speaks its protocol. */
import { RedisConnection } from "../redis-connection.ts";
import { type Allowance, allowanceOf, intervalOf, type Rate } from "./rate.ts";
import type { RateLimitStore } from "./rate-limit-store.ts";

/** Before the keys, so that the database can hold other things too. */
const prefix = "socle:rate-limit:";

/**
 * As one script it is atomic, and by Redis's clock it is the same for all. It answers with the microseconds until the allowance is whole
 * again, and those until the next request is allowed.
 */
const script = `
local interval, limit = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call("TIME")
local now = time[1] * 1000000 + time[2]
local full_at = math.max(tonumber(redis.call("GET", KEYS[1]) or 0), now)
local next_at = full_at + interval
local wait = next_at - now - interval * limit
if wait > 0 then return {full_at - now, wait} end
redis.call("SET", KEYS[1], string.format("%.0f", next_at), "PX", math.ceil((next_at - now) / 1000))
return {next_at - now, 0}
`;

export class RedisStore implements RateLimitStore {
  readonly #redis: RedisConnection;

  /** @param url `redis://user:password@host:6379/0`; `rediss:` for TLS. @throws TypeError for what is no such URL. */
  constructor(url: string) {
    this.#redis = new RedisConnection(url);
  }

  /** @throws Error which says why Redis could not be asked */
  async take(key: string, rate: Rate): Promise<Allowance> {
    const interval = intervalOf(rate);
    const command = ["EVAL", script, "1", prefix + key, String(interval), String(rate.limit)];
    const [used, wait] = (await this.#redis.send(...command)) as [number, number];
    return allowanceOf(rate.limit, interval, used, wait);
  }

  open(): Promise<void> {
    return this.#redis.open();
  }

  close(): Promise<void> {
    return this.#redis.close();
  }
}
