/** The pinned peers in `bench/`: they are installed when a benchmark first needs them. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { BenchError, type Runtime, type Server } from "./benchmark.ts";
import { compiled } from "./compile.ts";
import { progressLine } from "./progress.ts";

export const benchFolder: string = dirname(dirname(fileURLToPath(import.meta.url)));
export const rootFolder: string = dirname(benchFolder);

const pinned: Record<string, string> = readJson(join(benchFolder, "package.json")).dependencies;

/** Where the program of each runtime is that starts others. */
const programs: Record<Exclude<Runtime, "c">, string> = {
  node: process.execPath,
  bun: join(benchFolder, "node_modules/.bin/bun"),
  deno: join(benchFolder, "node_modules/.bin/deno"),
  python: "python3",
  // Debian's and no other, since the framework that it serves is Debian's too.
  gunicorn: "/usr/bin/gunicorn",
};

/** A server's command as the system can run it. */
export function commandLine([runtime, ...args]: Server["command"]): string[] {
  if (runtime !== "c") return [programs[runtime], ...args];
  const [source, ...rest] = args as [string];
  return [compiled(source), ...rest];
}

/** Installs what is pinned, unless just that is installed already. */
export function installPeers(): void {
  if (Object.keys(pinned).every((name) => installedVersion(name) === pinned[name])) return;
  progressLine("installing the peers pinned in bench/package.json (npm ci --prefix bench)");
  const { status, stderr } = spawnSync(
    "npm",
    ["ci", "--prefix", benchFolder, "--no-audit", "--no-fund", "--loglevel=error"],
    { cwd: rootFolder, encoding: "utf8", stdio: ["ignore", "ignore", "pipe"] },
  );
  if (status !== 0) throw new BenchError(`npm ci --prefix bench failed:\n${stderr.trim()}`);
}

/** Builds the checkout, so that what is measured is what is in `src/`. */
export function buildSocle(): void {
  progressLine("building Socle (npm run build)");
  const { status, stdout } = spawnSync("npm", ["run", "--silent", "build"], {
    cwd: rootFolder,
    encoding: "utf8",
  });
  if (status !== 0) throw new BenchError(`npm run build failed:\n${stdout.trim()}`);
}

/** The version of one of Debian's packages, or undefined when it isn't installed. */
export function debianVersion(name: string): string | undefined {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholders
  const format = "${db:Status-Status} ${Version}";
  const { stdout } = spawnSync("dpkg-query", ["-W", "-f", format, name], { encoding: "utf8" });
  return /^installed (.+)/.exec(stdout ?? "")?.[1];
}

/** The version that a runtime itself says it is. */
export function runtimeVersion(runtime: Runtime): string {
  try {
    const said = execFileSync(runtime === "c" ? "cc" : programs[runtime], ["--version"], {
      encoding: "utf8",
    });
    return /\d+\.\d+\.\d+[^\s)]*/.exec(said)![0];
  } catch {
    if (runtime === "c")
      throw new BenchError("cc is missing: install it with `apt-get install gcc libc6-dev`");
    if (runtime === "python")
      throw new BenchError("python3 is missing: install it with `apt-get install python3`");
    throw new BenchError(
      `${runtime} doesn't run: its npm package fetches the program when it is installed, ` +
        "so install with scripts allowed: rm -r bench/node_modules && npm ci --prefix bench --ignore-scripts=false",
    );
  }
}

/** The version of a pinned package. */
export function packageVersion(name: string): string {
  const version = pinned[name];
  if (version === undefined) throw new Error(`${name} is not in bench/package.json`);
  return version;
}

export function socleVersion(): string {
  return readJson(join(rootFolder, "package.json")).version;
}

function installedVersion(name: string): string | undefined {
  const path = join(benchFolder, "node_modules", name, "package.json");
  return existsSync(path) ? readJson(path).version : undefined;
}

function readJson(path: string): { version: string; dependencies: Record<string, string> } {
  return JSON.parse(readFileSync(path, "utf8"));
}
