/**
 * A connection to Redis, by the package `redis` (node-redis), which is loaded when the first one is opened: only who uses Redis needs
 * to have it.
 */

import { inTime } from "./in-time.ts";

/** What is used of node-redis's client. Not its own type, so that declarations can be read where it isn't installed. */
interface Client {
  /** Whether it is connected, or connects. */
  readonly isOpen: boolean;
  readonly isReady: boolean;
  on(event: "error", listener: (error: unknown) => void): unknown;
  connect(): Promise<unknown>;
  sendCommand(args: readonly string[]): Promise<unknown>;
  close(): Promise<unknown>;
  destroy(): void;
  unref(): void;
}

/** Milliseconds to connect in, and to part in. */
const patience = 2000;
/** Commands that wait for an answer at most: when Redis has stopped answering, more would only be kept. */
const maxWaiting = 10_000;

export class RedisConnection {
  readonly #url: string;
  /** The URL without user and password, for messages. */
  readonly #shown: string;
  #client: Promise<Client> | undefined;

  /** @throws TypeError for what is no URL of Redis's. */
  constructor(url: string) {
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    if (parsed === undefined || !/^rediss?:$/.test(parsed.protocol) || parsed.hostname === "") {
      throw new TypeError(
        "a URL of Redis is redis://host:6379, redis://user:password@host:6379/0, or rediss:// for TLS",
      );
    }
    this.#url = url;
    this.#shown = `${parsed.protocol}//${parsed.host}`;
  }

  /** Connects. Once that was done, a lost connection is made again by itself. @throws Error which says why it can't be done. */
  async open(): Promise<void> {
    await this.#connected();
  }

  /**
   * Sends a command, and gives Redis's reply. Connects, if that wasn't done. While the connection is lost it fails at once.
   * @throws Error which says what is wrong
   */
  async send(...command: readonly string[]): Promise<unknown> {
    const client = await this.#connected();
    try {
      return await client.sendCommand(command);
    } catch (cause) {
      throw new Error(`Redis at ${this.#shown} could not be asked`, { cause });
    }
  }

  /** Waits for what is under way, though not long, and ends the connection. */
  async close(): Promise<void> {
    const opening = this.#client;
    this.#client = undefined;
    const client = await opening?.catch(() => undefined);
    if (client === undefined) return;
    // What can't be ended in an orderly way is ended.
    if (client.isReady) await inTime(client.close(), patience, "Redis").catch(() => undefined);
    if (client.isOpen) client.destroy();
  }

  #connected(): Promise<Client> {
    this.#client ??= connect(this.#url, this.#shown).catch((error: unknown) => {
      this.#client = undefined;
      throw error;
    });
    return this.#client;
  }
}

async function connect(url: string, shown: string): Promise<Client> {
  const { createClient } = await loadRedis();
  let connected = false;
  const client = createClient({
    url,
    disableOfflineQueue: true,
    commandsQueueMaxLength: maxWaiting,
    socket: {
      connectTimeout: patience,
      reconnectStrategy: (retries, cause) => (connected ? Math.min(50 * 2 ** retries, patience) : cause),
    },
  }) as unknown as Client;
  // Whoever sends a command is told; without a listener a lost connection would end the process.
  client.on("error", () => undefined);
  try {
    await inTime(client.connect(), patience, "Redis");
  } catch (cause) {
    if (client.isOpen) client.destroy();
    throw new Error(`can't connect to Redis at ${shown}: is it running there?`, { cause });
  }
  connected = true;
  // A process with nothing else to do may end.
  client.unref();
  return client;
}

async function loadRedis(): Promise<typeof import("redis")> {
  try {
    return await import("redis");
  } catch (cause) {
    throw new Error('the package "redis" is needed to use Redis: npm install redis', { cause });
  }
}
