import { expect, test } from "vitest";
import { readArguments } from "./arguments.ts";
import { UsageError } from "./command.ts";
import { serveCommand } from "./serve.ts";

const read = (args: string[], environment: Record<string, string> = {}) =>
  readArguments(serveCommand, args, environment);

const tcp = (host: string, port: number) => ({ kind: "tcp", host, port });

test("defaults", () => {
  expect(read(["web.ts"])).toMatchObject({
    help: false,
    argument: "web.ts",
    values: {
      bind: [tcp("127.0.0.1", 8000)],
      workers: 1,
      gracefulTimeout: 10_000,
      interface: undefined,
      fastFetch: false,
      validate: false,
    },
  });
});

test.each([[["-w", "4", "web.ts"]], [["-w4", "web.ts"]], [["web.ts", "--workers=4"]]])(
  "%j means 4 workers",
  (args) => {
    expect(read(args)).toMatchObject({ argument: "web.ts", values: { workers: 4 } });
  },
);

test("a repeatable flag gathers its values", () => {
  const { values } = read(["web.ts", "-b", "1", "--bind", "unix:/s"]);
  expect(values["bind"]).toEqual([tcp("127.0.0.1", 1), { kind: "unix", path: "/s" }]);
});

test("the environment counts before the default, and a flag before it", () => {
  const environment = { SOCLE_WORKERS: "3", SOCLE_BIND: "1, 2", SOCLE_GRACEFUL_TIMEOUT: "" };
  expect(read(["web.ts"], environment).values).toMatchObject({
    bind: [tcp("127.0.0.1", 1), tcp("127.0.0.1", 2)],
    workers: 3,
    gracefulTimeout: 10_000,
  });
  expect(read(["web.ts", "-w", "5", "-b", "9"], environment).values).toMatchObject({
    bind: [tcp("127.0.0.1", 9)],
    workers: 5,
  });
});

test.each([
  [["--validate", "web.ts"], {}, true],
  [["web.ts", "--validate", "--validate"], {}, true],
  [["web.ts", "--validate"], { SOCLE_VALIDATE: "0" }, true],
  [["web.ts"], { SOCLE_VALIDATE: "1" }, true],
  [["web.ts"], { SOCLE_VALIDATE: "true" }, true],
  [["web.ts"], { SOCLE_VALIDATE: "false" }, false],
  [["web.ts"], { SOCLE_VALIDATE: "" }, false],
])("%j with %j: a flag without a value is %s", (args, environment: Record<string, string>, value) => {
  const given = read(args, environment);
  expect(given.argument).toBe("web.ts");
  expect(given.values["validate"]).toBe(value);
});

test("what stands behind -- is no option", () => {
  expect(read(["--", "-odd.ts"]).argument).toBe("-odd.ts");
});

test("--help counts before what is missing", () => {
  expect(read(["-h"]).help).toBe(true);
});

test.each([
  [["web.ts", "--wrokers", "4"], "serve has no option --wrokers. Did you mean --workers?"],
  [["web.ts", "-x"], "serve has no option -x. Try 'socle serve --help'."],
  [["web.ts", "-w"], "-w needs a value: -w N (a whole number from 1 up)"],
  [["web.ts", "-b", "-w", "4"], "-b needs a value: -b HOST:PORT"],
  [["web.ts", "--workers="], "--workers needs a value"],
  [["web.ts", "-w", "1", "--workers", "2"], "-w can be given once only"],
  [["web.ts", "-w", "many"], '-w is "many", and must be a whole number from 1 up'],
  [["web.ts", "--graceful-timeout", "10"], "must be a number with its unit (ms, s, m or h)"],
  [["web.ts", "--help=no"], "--help takes no value"],
  [["web.ts", "--validate=1"], "--validate takes no value"],
  [["web.ts", "--interface", "rpc"], '--interface is "rpc", and must be fetch or wsgi or node'],
  [["web.ts", "api.ts"], 'serve takes one IMPORT_STRING, and got "api.ts" as well'],
  [[], "serve needs IMPORT_STRING"],
])("%j is refused", (args, message) => {
  expect(() => read(args)).toThrow(UsageError);
  expect(() => read(args)).toThrow(message);
});

test("a bad value from the environment is called by its variable", () => {
  expect(() => read(["web.ts"], { SOCLE_WORKERS: "0" })).toThrow(
    'SOCLE_WORKERS is "0", and must be a whole number from 1 up',
  );
  expect(() => read(["web.ts"], { SOCLE_VALIDATE: "yes" })).toThrow(
    'SOCLE_VALIDATE is "yes", and must be 1 or 0, or true or false',
  );
});
