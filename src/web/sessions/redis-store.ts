/** Sessions in Redis, or what speaks its protocol (Valkey, KeyDB): any number of processes and machines share them. */
import { RedisConnection } from "../redis-connection.ts";
import type { SessionStore } from "./session-store.ts";

/** Before the keys, so that the database can hold other things too. */
const prefix = "socle:session:";

export class RedisStore implements SessionStore {
  readonly #redis: RedisConnection;

  /** @param url `redis://user:password@host:6379/0`; `rediss:` for TLS. @throws TypeError for what is no such URL. */
  constructor(url: string) {
    this.#redis = new RedisConnection(url);
  }

  async get(key: string): Promise<string | undefined> {
    const reply = await this.#redis.send("GET", prefix + key);
    return typeof reply === "string" ? reply : undefined;
  }

  async set(key: string, text: string, ttlSeconds: number): Promise<void> {
    await this.#redis.send("SET", prefix + key, text, "EX", String(ttlSeconds));
  }

  async replace(key: string, text: string, ttlSeconds: number): Promise<boolean> {
    return (await this.#redis.send("SET", prefix + key, text, "EX", String(ttlSeconds), "XX")) !== null;
  }

  async delete(key: string): Promise<void> {
    await this.#redis.send("DEL", prefix + key);
  }

  open(): Promise<void> {
    return this.#redis.open();
  }

  close(): Promise<void> {
    return this.#redis.close();
  }
}
