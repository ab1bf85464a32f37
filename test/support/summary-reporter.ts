/**
 * Ends a test run with one line that people and programs can read: `N passed, N failed`, with
 * `, N skipped` when there are any. Skipped tests are listed by name above it, so that none goes unseen;
 * a test that is skipped for want of something says so in its name or in `context.skip(reason)`.
 */
import type { Reporter, SerializedError, TestModule, TestSuite } from "vitest/node";

/** The counts of one run. */
interface Summary {
  passed: number;
  /** Failed tests, and what failed outside of a test: a file that doesn't load, a hook, an unhandled error. */
  failed: number;
  /** Full names of the tests that did not run, with the reason where one was given. */
  skipped: string[];
}

function summarize(modules: readonly TestModule[], unhandled: readonly SerializedError[]): Summary {
  const summary: Summary = { passed: 0, failed: unhandled.length, skipped: [] };
  for (const module of modules) {
    summary.failed += errorsOf(module);
    for (const suite of module.children.allSuites()) summary.failed += errorsOf(suite);
    for (const test of module.children.allTests()) {
      const result = test.result();
      if (result.state === "passed") summary.passed += 1;
      else if (result.state === "failed") summary.failed += 1;
      else {
        const reason = result.state === "skipped" ? (result.note ?? "") : "the run ended before it";
        const name = `${module.relativeModuleId} > ${test.fullName}`;
        summary.skipped.push(reason === "" ? name : `${name} (${reason})`);
      }
    }
  }
  return summary;
}

/** What went wrong in a file or suite itself. */
function errorsOf(parent: TestModule | TestSuite): number {
  return parent.errors().length;
}

function formatSummary({ passed, failed, skipped }: Summary): string {
  const counts = `${passed} passed, ${failed} failed`;
  if (skipped.length === 0) return `${counts}\n`;
  const names = skipped.map((name) => `  ${name}\n`).join("");
  return `Skipped:\n${names}\n${counts}, ${skipped.length} skipped\n`;
}

export default class SummaryReporter implements Reporter {
  /** Vitest calls the reporters in the order of the configuration, so this comes after the default one's. */
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    process.stdout.write(formatSummary(summarize(modules, unhandled)));
  }
}
