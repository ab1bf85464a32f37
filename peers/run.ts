/**
 * Runs the suite of a framework twice, as it is and with its servers served by Socle, and tells what differs:
 *
 *     npm run peers -- --suite express --at ../express [--node /usr/bin/node]
 *
 * The checkout is not changed. The exit code is 0 where the two runs agree.
 */
import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Suite, suites, type TestResult } from "./suites.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const preload = new URL("preload.mjs", import.meta.url).href;
const buildFolder = `${root}.tmp/peers`;
/** A suite that hangs is ended. */
const MAX_MILLISECONDS = 10 * 60_000;

process.exitCode = await main();

async function main(): Promise<number> {
  const { suite: name = "", at, node = process.execPath, help } = readArguments();
  const suite = suites[name];
  if (help === true || suite === undefined || at === undefined) {
    const usage = `npm run peers -- --suite ${Object.keys(suites).join("|")} --at PATH [--node PATH]`;
    if (help === true) console.log(usage);
    else console.error(`usage: ${usage}`);
    return help === true ? 0 : 2;
  }
  const trouble = suite.check(at);
  if (trouble !== "") {
    console.error(trouble);
    return 2;
  }
  build();
  const asIs = await run(suite, node, at, {});
  const bySocle = await run(suite, node, at, {
    NODE_OPTIONS: `--import=${preload}`,
    SOCLE_PEERS_BUILD: buildFolder,
  });
  return report(name, asIs, bySocle);
}

interface Arguments {
  suite?: string | undefined;
  at?: string | undefined;
  node?: string | undefined;
  help?: boolean | undefined;
}

/** What isn't known is told, and then how it is used. */
function readArguments(): Arguments {
  try {
    return parseArgs({
      options: {
        suite: { type: "string" },
        at: { type: "string" },
        node: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    console.error((error as Error).message);
    return {};
  }
}

/** Socle as JavaScript, apart from `dist`, for any Node. Its types are checked elsewhere. */
function build(): void {
  const args = [
    `${root}node_modules/typescript/bin/tsc`,
    "-p",
    `${root}tsconfig.build.json`,
    "--noCheck",
    "--outDir",
    buildFolder,
  ];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`Socle does not compile:\n${stdout}`);
}

async function run(
  suite: Suite,
  node: string,
  folder: string,
  environment: Readonly<Record<string, string>>,
): Promise<TestResult[]> {
  const child = spawn(node, suite.args, {
    cwd: folder,
    env: { ...process.env, NODE_ENV: "test", ...environment },
    stdio: ["ignore", "pipe", "inherit"],
    timeout: MAX_MILLISECONDS,
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  await new Promise((resolve, reject) => child.once("close", resolve).once("error", reject));
  return suite.read(output);
}

function report(name: string, asIs: readonly TestResult[], bySocle: readonly TestResult[]): number {
  const before = new Map(asIs.map((result) => [result.title, result]));
  const after = new Map(bySocle.map((result) => [result.title, result]));
  let differences = 0;
  const tell = (title: string, text: string): void => {
    differences++;
    console.log(`${title}\n    ${text}`);
  };
  for (const { title, passed, error } of asIs) {
    const socle = after.get(title);
    if (socle === undefined) tell(title, "ran as it is only");
    else if (passed && !socle.passed) tell(title, `fails on Socle: ${firstLines(socle.error)}`);
    else if (!passed && socle.passed) tell(title, `passes on Socle only: ${firstLines(error)}`);
  }
  for (const { title } of bySocle) if (!before.has(title)) tell(title, "ran on Socle only");
  const count = (results: readonly TestResult[]): number => results.filter(({ passed }) => passed).length;
  console.log(
    `${name}: ${count(asIs)} of ${asIs.length} pass as it is, ${count(bySocle)} of ${bySocle.length} on Socle; ` +
      `${differences === 0 ? "no difference" : `${differences} differ`}`,
  );
  return differences === 0 ? 0 : 1;
}

function firstLines(error: string | undefined): string {
  return (error ?? "").split("\n").slice(0, 3).join(" / ");
}
