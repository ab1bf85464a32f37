/**
 * Settings: each is declared once, in a table of its command. Its flag, its environment variable, its check,
 * its type and its line in the help all come from that declaration.
 */
import { type Address, AddressError, formatAddress, parseAddress } from "../net/address.ts";

/** How the text of a value is read, checked and shown. */
export interface ValueType<T> {
  /** Stands for the value in the help. */
  readonly placeholder: string;
  /** What is accepted, to follow "must be": `a whole number from 1 up, such as 4`. */
  readonly accepts: string;
  /** The value, or undefined when the text is not accepted. */
  read(text: string): T | undefined;
  show(value: T): string;
}

/** One setting. The key in its table, `gracefulTimeout`, gives the flag and the environment variable. */
export interface Setting<T> {
  readonly type: ValueType<T>;
  /** One letter. */
  readonly short?: string;
  /** Whether the flag may be given several times. In the environment the values stand with commas between. */
  readonly repeatable: boolean;
  /** One value, or as many as are wanted where it is repeatable. */
  readonly default: readonly T[];
  /** What it does, without the default. */
  readonly help: string;
}

// biome-ignore lint/suspicious/noExplicitAny: a table holds settings of many types
export type SettingsTable = Readonly<Record<string, Setting<any> & { readonly repeatable: boolean }>>;

/** The values of a table's settings. */
export type SettingValues<Table extends SettingsTable> = {
  readonly [Key in keyof Table]: Table[Key] extends Setting<infer T>
    ? Table[Key]["repeatable"] extends true
      ? readonly T[]
      : T
    : never;
};

type Declared<T> = Pick<Setting<T>, "short" | "help">;

/** Declares a setting that has one value. */
export function one<T>(
  type: ValueType<T>,
  fallback: T,
  declared: Declared<T>,
): Setting<T> & { readonly repeatable: false } {
  return { type, default: [fallback], repeatable: false, ...declared };
}

/** Declares a setting that can have several values. */
export function many<T>(
  type: ValueType<T>,
  fallback: readonly T[],
  declared: Declared<T>,
): Setting<T> & { readonly repeatable: true } {
  return { type, default: fallback, repeatable: true, ...declared };
}

/** `gracefulTimeout` → `graceful-timeout` */
export function flagOf(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `gracefulTimeout` → `SOCLE_GRACEFUL_TIMEOUT` */
export function environmentVariableOf(key: string): string {
  return `SOCLE_${flagOf(key).replaceAll("-", "_").toUpperCase()}`;
}

export const address: ValueType<Address> = {
  placeholder: "HOST:PORT",
  accepts: "HOST:PORT, [IPV6]:PORT, PORT or unix:/path",
  read(text) {
    try {
      return parseAddress(text);
    } catch (error) {
      if (error instanceof AddressError) return undefined;
      throw error;
    }
  },
  show: formatAddress,
};

/** A whole number from `least` up. */
export function wholeNumber(least: number): ValueType<number> {
  return {
    placeholder: "N",
    accepts: `a whole number from ${least} up`,
    read(text) {
      const value = Number(text);
      return /^\d{1,9}$/.test(text) && value >= least ? value : undefined;
    },
    show: String,
  };
}

const unitsInMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A length of time; the value is in milliseconds. */
export const duration: ValueType<number> = {
  placeholder: "TIME",
  accepts: "a number with its unit (ms, s, m or h), such as 500ms or 10s",
  read(text) {
    const [, number, unit = ""] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)$/.exec(text) ?? [];
    return number === undefined ? undefined : Math.round(Number(number) * unitsInMs[unit]!);
  },
  show(ms) {
    const unit =
      ["h", "m", "s"].find((unit) => ms >= unitsInMs[unit]! && ms % unitsInMs[unit]! === 0) ?? "ms";
    return `${ms / unitsInMs[unit]!}${unit}`;
  },
};
