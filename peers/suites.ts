/** The suites of others, and how each is run and its results are read. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface TestResult {
  /** Path and names, which tell a test from every other. */
  readonly title: string;
  readonly passed: boolean;
  readonly error: string | undefined;
}

export interface Suite {
  /** Whether a folder is a checkout of its repository, with what it needs installed. Returns what is wrong, or "". */
  check(folder: string): string;
  /** The arguments for Node that run it in its checkout. */
  readonly args: readonly string[];
  /** Reads what it has printed. Tests that it skips are left out. */
  read(output: string): TestResult[];
}

const reporter = fileURLToPath(new URL("node-test-reporter.mjs", import.meta.url));

export const suites: Readonly<Record<string, Suite>> = {
  // As its `npm test` does, but for the reporter.
  express: {
    check: (folder) => checkFolder(folder, "express", "node_modules/mocha/bin/mocha.js"),
    args: [
      "node_modules/mocha/bin/mocha.js",
      "--require",
      "test/support/env",
      "--reporter",
      "json",
      "--check-leaks",
      "test/",
      "test/acceptance/",
    ],
    read: readMocha,
  },
  koa: {
    check: (folder) => checkFolder(folder, "koa", "node_modules/supertest"),
    args: ["--test", `--test-reporter=${reporter}`],
    read: readNodeTest,
  },
};

function checkFolder(folder: string, name: string, installed: string): string {
  if (!existsSync(join(folder, "package.json"))) return `${folder} is no checkout of ${name}`;
  return existsSync(join(folder, installed)) ? "" : `run npm install in ${folder} first`;
}

interface MochaTest {
  readonly fullTitle: string;
  readonly file: string;
  readonly err: { readonly message?: string };
}

function readMocha(output: string): TestResult[] {
  // What the tests print themselves stands before it.
  const start = output.indexOf('{\n  "stats"');
  if (start < 0) throw new Error(`mocha gave no result:\n${output.slice(-2000)}`);
  const { passes, failures } = JSON.parse(output.slice(start, output.lastIndexOf("}") + 1)) as {
    readonly passes: readonly MochaTest[];
    readonly failures: readonly MochaTest[];
  };
  const toResult = ({ fullTitle, file, err }: MochaTest, passed: boolean): TestResult => ({
    title: `${file.replace(/^.*\/test\//, "test/")} > ${fullTitle}`,
    passed,
    error: err.message,
  });
  const passed = distinct(passes.map((test) => toResult(test, true)));
  // One that fails after it was done is told twice.
  const failed = new Map(failures.map((test) => [test.fullTitle, toResult(test, false)]));
  const titles = new Set([...failed.values()].map(({ title }) => title));
  return [...passed.filter(({ title }) => !titles.has(title)), ...failed.values()];
}

function readNodeTest(output: string): TestResult[] {
  const lines = output.split("\n").filter((line) => line.startsWith('{"title":'));
  const tests = lines.map((line) => JSON.parse(line) as { title: string; result: string; error?: string });
  return distinct(
    tests
      .filter(({ result }) => result !== "skipped")
      .map(({ title, result, error }) => ({ title, passed: result === "pass", error })),
  );
}

/** Tests of the same name are numbered. */
function distinct(results: readonly TestResult[]): TestResult[] {
  const counts = new Map<string, number>();
  return results.map((result) => {
    const count = (counts.get(result.title) ?? 0) + 1;
    counts.set(result.title, count);
    return count === 1 ? result : { ...result, title: `${result.title} (${count})` };
  });
}
