/**
 * Settings: each is declared once, in a table of its command. Its flag, its environment variable, its check,
 * its type and its line in the help all come from that declaration.
 */

import {
  type Address,
  AddressError,
  formatAddress,
  type ListenAddress,
  parseAddress,
  parseListenAddress,
} from "../net/address.ts";
import { NetworkList } from "../net/listener/access.ts";
import { OptionError } from "../net/listener/option-error.ts";
import { formatModel, type Model, parseModel } from "../net/server/model.ts";
import { byteSize, durationUnits, duration as readDuration } from "../web/converters.ts";

/** How the text of a value is read, checked and shown. */
export interface ValueType<T> {
  /** Stands for the value in the help; "" where the flag takes none. */
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
  /** One value or none, or as many as are wanted where it is repeatable. */
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

/** A setting that has one value. */
export type One<T> = Setting<T> & { readonly repeatable: false };

/** A setting that can have several values. */
export type Many<T> = Setting<T> & { readonly repeatable: true };

type Declared<T> = Pick<Setting<T>, "short" | "help">;

/** Declares a setting that has one value. */
export function one<T>(type: ValueType<T>, fallback: T, declared: Declared<T>): One<T> {
  return { type, default: [fallback], repeatable: false, ...declared };
}

/** Declares a setting that is on or off. Default off. Its flag takes no value: to be given is to be on. */
export function onOff(declared: Declared<boolean>): One<boolean> {
  return one(switched, false, declared);
}

/** Declares a setting that has one value or none. */
export function optional<T>(type: ValueType<T>, declared: Declared<T>): One<T | undefined> {
  return { type: type as ValueType<T | undefined>, default: [], repeatable: false, ...declared };
}

/** Declares a setting that can have several values. */
export function many<T>(type: ValueType<T>, fallback: readonly T[], declared: Declared<T>): Many<T> {
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

const switched: ValueType<boolean> = {
  placeholder: "",
  accepts: "1 or 0, or true or false",
  read: (text) =>
    new Map([
      ["1", true],
      ["true", true],
      ["0", false],
      ["false", false],
    ]).get(text),
  show: (value) => (value ? "on" : ""),
};

export const address: ValueType<Address> = {
  placeholder: "HOST:PORT",
  accepts: "HOST:PORT, [IPV6]:PORT, PORT or unix:/path",
  read: (text) => unlessThrown(AddressError, () => parseAddress(text)),
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

/** A length of time; the value is in milliseconds. */
export const duration: ValueType<number> = {
  placeholder: "TIME",
  accepts: readDuration.accepts as string,
  read: readDuration,
  show(ms) {
    const unit =
      ["h", "m", "s"].find((unit) => ms >= durationUnits[unit]! && ms % durationUnits[unit]! === 0) ?? "ms";
    return `${ms / durationUnits[unit]!}${unit}`;
  },
};

/** A size; the value is in bytes. */
export const size: ValueType<number> = {
  placeholder: "SIZE",
  accepts: byteSize.accepts as string,
  read: byteSize,
  show(bytes) {
    const power = [3, 2, 1].find((power) => bytes > 0 && bytes % 1024 ** power === 0) ?? 0;
    return `${bytes / 1024 ** power}${["", "KiB", "MiB", "GiB"][power]}`;
  },
};

/** A concurrency model of a socket server. */
export const model: ValueType<Model> = {
  placeholder: "MODEL",
  accepts: "once, serial, events, threads:N or processes:N",
  read: parseModel,
  show: formatModel,
};

/** An address to listen on, sockets that others have bound included. */
export const listenAddress: ValueType<ListenAddress> = {
  placeholder: "ADDRESS",
  accepts: "HOST:PORT, [IPV6]:PORT, PORT, unix:/path, fd://N or systemd:NAME",
  read: (text) => unlessThrown(AddressError, () => parseListenAddress(text)),
  show: formatAddress,
};

/** An IP address, a network of such, or `unix:`. */
export const network: ValueType<string> = {
  placeholder: "NETWORK",
  accepts: "an address such as 192.0.2.1 or 2001:db8::1, a network such as 10.0.0.0/8, or unix:",
  read: (text) => unlessThrown(OptionError, () => new NetworkList("", [text]) && text),
  show: String,
};

/** A file's name. */
export const path: ValueType<string> = {
  placeholder: "FILE",
  accepts: "the name of a file",
  read: (text) => text,
  show: String,
};

/** A file's permissions. */
export const octalMode: ValueType<number> = {
  placeholder: "MODE",
  accepts: "permissions in octal digits, such as 660",
  read: (text) => (/^0?[0-7]{3}$/.test(text) ? Number.parseInt(text, 8) : undefined),
  show: (mode) => mode.toString(8).padStart(3, "0"),
};

/** One of some words. */
export function choice<Word extends string>(...words: readonly Word[]): ValueType<Word> {
  return {
    placeholder: words.join("|"),
    accepts: words.join(" or "),
    read: (text) => words.find((word) => word === text),
    show: String,
  };
}

/** What `read` returns, or undefined when it throws an error of that class. */
function unlessThrown<T>(errors: new (...args: never[]) => Error, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof errors) return undefined;
    throw error;
  }
}
