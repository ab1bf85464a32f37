import { expect, test } from "vitest";
import {
  choice,
  duration,
  environmentVariableOf,
  flagOf,
  listenAddress,
  model,
  network,
  octalMode,
  wholeNumber,
} from "./settings.ts";

test.each([
  ["500ms", 500, "500ms"],
  ["10s", 10_000, "10s"],
  ["1.5s", 1500, "1500ms"],
  ["90s", 90_000, "90s"],
  ["120s", 120_000, "2m"],
  ["2h", 7_200_000, "2h"],
  ["0s", 0, "0ms"],
])("the duration %s is %i ms and shown as %s", (text, ms, shown) => {
  expect(duration.read(text)).toBe(ms);
  expect(duration.show(ms)).toBe(shown);
});

test.each(["10", "", "s", "-1s", "1 s", "1d", "1e3s"])("the duration %j is refused", (text) => {
  expect(duration.read(text)).toBeUndefined();
});

test.each([
  ["1", 1],
  ["016", 16],
  ["0", undefined],
  ["-1", undefined],
  ["1.5", undefined],
  ["1e3", undefined],
  ["", undefined],
])("the whole number %j from 1 up is %s", (text, value) => {
  expect(wholeNumber(1).read(text)).toBe(value);
});

test("a key gives the flag and the environment variable", () => {
  expect(flagOf("gracefulTimeout")).toBe("graceful-timeout");
  expect(environmentVariableOf("gracefulTimeout")).toBe("SOCLE_GRACEFUL_TIMEOUT");
});

test.each([
  ["660", 0o660, "660"],
  ["0600", 0o600, "600"],
  ["007", 0o007, "007"],
  ["888", undefined, ""],
  ["1777", undefined, ""],
  ["rw", undefined, ""],
])("the mode %j is %s", (text, value, shown) => {
  expect(octalMode.read(text)).toBe(value);
  if (value !== undefined) expect(octalMode.show(value)).toBe(shown);
});

test("networks, words, models and addresses to listen on are read, and what is none is refused", () => {
  expect(network.read("10.0.0.0/8")).toBe("10.0.0.0/8");
  expect(network.read("10.0.0.1/8")).toBeUndefined();
  expect(choice("refuse", "wait").read("wait")).toBe("wait");
  expect(choice("refuse", "wait").read("Wait")).toBeUndefined();
  expect(model.read("threads:4")).toEqual({ threads: 4 });
  expect(model.read("threads:x")).toBeUndefined();
  expect(listenAddress.read("fd://3")).toEqual({ kind: "fd", fd: 3 });
  expect(listenAddress.read("fd://x")).toBeUndefined();
});
