/** The tests of one framework: its applications on their reference host and on Socle, and whether they use all of it. */
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installFrameworks } from "../../../support/frameworks.ts";
import { findNodes, type TestNode } from "../../../support/nodes.ts";
import { startProcess, type TestProcess } from "../../../support/process.ts";
import { type Case, expectSame, expectStated, Host } from "./answers.ts";

interface Framework {
  readonly cases: readonly Case[];
  /** What of it no case uses, with the reason; a name that ends with `*` stands for all that begin so. */
  readonly notForServers: Readonly<Record<string, string>>;
  /** What is another at each run. */
  readonly scrub?: readonly RegExp[];
  /** Titles of the cases that are tried on the oldest Node as well. */
  readonly short?: readonly string[];
}

const serveScript = fileURLToPath(new URL("serve.mjs", import.meta.url));
const trouble = await installFrameworks();
const [newest, ...older] = (await findNodes()).filter(({ missing }) => missing === undefined);
const oldest = older.findLast(({ version }) => version.startsWith("20."));

/** @param flags for each time that it is run on Socle */
export async function testFramework(
  name: string,
  file: URL,
  flags: readonly (readonly string[])[],
): Promise<void> {
  const framework = (await import(pathToFileURL(fileURLToPath(file)).href)) as Framework;
  const { cases, notForServers, scrub, short = [] } = framework;
  const expected = new Map<string, unknown>();

  describe.skipIf(trouble !== "" || newest === undefined)(
    trouble === "" ? name : `${name} (skipped: ${trouble})`,
    () => {
      describe("on its reference host", () => {
        const served = serve(newest, file, ["reference", "--features"], scrub);
        for (const each of cases) {
          test(each.title, async () => {
            const result = await served.host.run(each);
            expected.set(each.title, result);
            expectStated(each, result);
          });
        }
        test("uses every public feature, but for what is not for servers", async () => {
          served.process.kill("SIGTERM");
          const [, list] = await served.process.waitFor(/^features (.*)$/m);
          expectAllUsed(JSON.parse(list as string), Object.keys(notForServers));
        });
      });

      for (const given of flags) {
        describe(`on Socle ${given.join(" ")}`.trim(), () => {
          const served = serve(newest, file, ["socle", ...given], scrub);
          for (const each of cases) {
            test(each.title, async () => {
              const result = await served.host.run(each);
              const { onSocle } = each;
              expectStated(onSocle === undefined ? each : { ...each, ...onSocle }, result);
              const compare = (): void => expectSame(result, expected.get(each.title));
              if (onSocle === undefined) compare();
              else expect(compare, `differs no longer: ${onSocle.reason}`).toThrow();
            });
          }
        });
      }

      describe.skipIf(oldest === undefined || short.length === 0)(`on Socle on ${oldest?.label}`, () => {
        const served = serve(oldest, file, ["socle"], scrub);
        for (const each of cases.filter(({ title }) => short.includes(title))) {
          test(each.title, async () => expectStated(each, await served.host.run(each)));
        }
      });
    },
  );
}

/** A process that serves the application for the tests of a `describe`. */
function serve(
  node: TestNode | undefined,
  file: URL,
  args: readonly string[],
  scrub: readonly RegExp[] | undefined,
): { host: Host; process: TestProcess } {
  const served = {} as { host: Host; process: TestProcess };
  beforeAll(async () => {
    served.process = startProcess(node?.path ?? "", [serveScript, fileURLToPath(file), ...args]);
    const [, port] = await served.process.waitFor(/port (\d+)/);
    served.host = new Host(Number(port), scrub);
  });
  afterAll(async () => {
    served.host?.close();
    await served.process[Symbol.asyncDispose]();
    expect(served.process.stderr).not.toContain("UNHANDLED");
  });
  return served;
}

function expectAllUsed(used: Record<string, boolean>, excused: readonly string[]): void {
  const unused = Object.keys(used).filter((feature) => !used[feature]);
  const isExcused = (feature: string): boolean => excused.some((pattern) => covers(pattern, feature));
  expect(unused.filter((feature) => !isExcused(feature))).toEqual([]);
  const idle = excused.filter((pattern) => !unused.some((feature) => covers(pattern, feature)));
  expect(idle, "excused without need").toEqual([]);
}

function covers(pattern: string, feature: string): boolean {
  return pattern.endsWith("*") ? feature.startsWith(pattern.slice(0, -1)) : feature === pattern;
}
