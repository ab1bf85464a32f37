/**
 * The machine's Chromium, driven by playwright-core, which brings none of its own.
 *
 *     const browser = await findBrowser();
 *     describe.skipIf(browser.missing !== undefined)(`in ${browser.label}`, () => {
 *       test("…", async () => {
 *         await using chromium = await browser.launch();
 *         const page = await chromium.newPage();
 *       });
 *     });
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type Browser, chromium } from "playwright-core";

export interface TestBrowser {
  /** Names the browser in test titles, with its version, or with why it is missing. */
  readonly label: string;
  /** Why there is none here. */
  readonly missing?: string;
  launch(): Promise<Browser>;
}

/** What the browser is called by the systems that have it. */
const names = ["chromium", "chromium-browser", "google-chrome"] as const;
const exec = promisify(execFile);

export async function findBrowser(): Promise<TestBrowser> {
  for (const name of names) {
    try {
      const { stdout } = await exec(name, ["--version"]);
      const { stdout: path } = await exec("sh", ["-c", `command -v ${name}`]);
      const label = /(?:Chromium|Google Chrome) [\d.]+/.exec(stdout)?.[0] ?? name;
      return { label, launch: () => launch(path.trim()) };
    } catch {
      // the next one
    }
  }
  const missing = "there is no chromium on PATH";
  return {
    label: `Chromium: missing, ${missing}`,
    missing,
    launch: () => Promise.reject(new Error(missing)),
  };
}

function launch(executablePath: string): Promise<Browser> {
  // Its sandbox does not run as root, as which CI and containers run; the pages are the tests' own.
  return chromium.launch({ executablePath, args: ["--no-sandbox"] });
}
