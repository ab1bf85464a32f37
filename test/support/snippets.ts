/**
 * The code in the documentation, as programs to compile and run. For those who write a page:
 *
 * - A block fenced as `ts` is a whole module. It is compiled as strictly as a user would compile it, with
 *   the built package behind the name `socle`, and then imported on the newest Node. If it exports a
 *   function `main`, that is called too, as `socle serve page.ts:main()` would. It must come to an end.
 * - Where its first line is `// file: NAME.ts`, the block is kept under that name, so that the page's
 *   other blocks can import it and its commands can name it. A name is used once a page.
 * - A block fenced as `console` is for reading. Fenced as `console run` it is a session that is run, in
 *   the folder of the page's files: a line that starts with `$ ` is a command (one that ends with `\` goes
 *   on in the next line), the lines below it are its whole output, where `…` stands for anything. A
 *   command that ends with ` &` is left running: the session goes on once it has written that output, and
 *   ends it as Ctrl-C does.
 * - The number 8000 stands for a free port of the page's own: it is another one when the page is run.
 *   A session that serves says so, `-b 127.0.0.1:8000`.
 * - Code in other languages is fenced with their names, but TypeScript and JavaScript only as `ts`: no
 *   snippet goes untested by accident.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { basename, delimiter, join } from "node:path";
import { runProcess, startProcess } from "./process.ts";

/** A module of a page. */
export interface Snippet {
  /** The page's path, e.g. "docs/web.md". */
  page: string;
  /** The page's line that holds the module's first line. */
  line: number;
  /** The name it is kept under. */
  file: string;
  code: string;
}

/** A `console run` block. */
export interface Session {
  page: string;
  line: number;
  steps: { command: string; background: boolean; expected: string }[];
}

export interface Page {
  path: string;
  snippets: Snippet[];
  sessions: Session[];
}

/** Takes the snippets and sessions out of a page. Throws when a block breaks the conventions above. */
export function readPage(path: string, markdown: string): Page {
  const page: Page = { path, snippets: [], sessions: [] };
  for (const { info, line, lines } of fencedBlocks(path, markdown)) {
    const [language = ""] = info.split(" ");
    if (info === "ts") page.snippets.push(readSnippet(path, line, lines));
    else if (info === "console run") page.sessions.push(readSession(path, line, lines));
    else if (/^(ts|tsx|mts|typescript|js|jsx|mjs|cjs|javascript)$/.test(language)) {
      throw new Error(`${path}:${line - 1}: fenced as "${info}": write "ts", so that it is tested`);
    } else if (language === "console" && info !== "console") {
      throw new Error(`${path}:${line - 1}: fenced as "${info}": write "console" or "console run"`);
    }
  }
  const names = page.snippets.map(({ file }) => file);
  const twice = page.snippets.find(({ file }, i) => names.indexOf(file) !== i);
  if (twice !== undefined) throw new Error(`${path}:${twice.line}: the page has a ${twice.file} already`);
  return page;
}

interface Block {
  /** What stands behind the opening fence. */
  info: string;
  /** The page's line that holds the block's first line. */
  line: number;
  lines: string[];
}

/** The fenced code blocks of a page (CommonMark §4.5), in lists as well. */
function fencedBlocks(path: string, markdown: string): Block[] {
  const blocks: Block[] = [];
  let open: (Block & { indent: string; fence: string }) | undefined;
  for (const [i, text] of markdown.split(/\r?\n/).entries()) {
    const [, indent = "", fence = "", info = ""] = /^( *)(`{3,}|~{3,})\s*([^`]*?)\s*$/.exec(text) ?? [];
    if (open === undefined) {
      if (fence !== "") open = { info, line: i + 2, lines: [], indent, fence };
    } else if (fence.startsWith(open.fence) && info === "") {
      blocks.push(open);
      open = undefined;
    } else {
      open.lines.push(text.startsWith(open.indent) ? text.slice(open.indent.length) : text.trimStart());
    }
  }
  if (open !== undefined) throw new Error(`${path}:${open.line - 1}: this code block is never closed`);
  return blocks;
}

function readSnippet(page: string, line: number, lines: string[]): Snippet {
  const named = /^\/\/ file: (.*)$/.exec(lines[0] ?? "");
  const file = named?.[1] ?? `line-${line}.ts`;
  if (!/^[\w.-]+\.ts$/.test(file)) throw new Error(`${page}:${line}: "${file}" is no name such as web.ts`);
  return { page, line, file, code: `${lines.join("\n")}\n` };
}

function readSession(page: string, line: number, lines: string[]): Session {
  const session: Session = { page, line, steps: [] };
  let continued = false;
  for (const [i, text] of lines.entries()) {
    const step = session.steps.at(-1);
    if (continued && step !== undefined) step.command += `\n${text}`;
    else if (text.startsWith("$ "))
      session.steps.push({ command: text.slice(2), background: false, expected: "" });
    else if (step === undefined)
      throw new Error(`${page}:${line + i}: a session starts with a command, "$ …"`);
    else step.expected += `${text}\n`;
    continued = (continued || text.startsWith("$ ")) && text.endsWith("\\");
  }
  for (const step of session.steps) {
    step.background = step.command.endsWith(" &");
    if (step.background) step.command = step.command.slice(0, -2);
  }
  return session;
}

/** The documentation's pages written out as files, below one folder inside the package. */
export class Workspace {
  readonly #folder: string;
  readonly #root: string;
  readonly #ports = new Map<string, number>();

  /** `folder` must be inside of the package (`root`), so that the name `socle` means the package. */
  constructor(folder: string, root: string) {
    this.#folder = folder;
    this.#root = root;
  }

  /** Writes all snippets, each page's into a folder of its own, and a `socle` command that runs the build. */
  async write(pages: readonly Page[]): Promise<void> {
    const bin = join(this.#folder, "node_modules", ".bin");
    await mkdir(bin, { recursive: true });
    await writeFile(join(bin, "socle"), `#!/bin/sh\nexec node '${this.#root}/bin/socle.js' "$@"\n`, {
      mode: 0o755,
    });
    const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false, moduleDetection: "force" };
    await writeFile(
      join(this.#folder, "tsconfig.json"),
      JSON.stringify({
        extends: join(this.#root, "tsconfig.base.json"),
        compilerOptions: { ...compilerOptions, noEmit: true, allowImportingTsExtensions: true },
      }),
    );
    for (const page of pages) {
      this.#ports.set(page.path, await freePort());
      await mkdir(this.#folderOf(page.path), { recursive: true });
      for (const { file, code } of page.snippets) {
        await writeFile(join(this.#folderOf(page.path), file), this.#withPort(page.path, code));
      }
    }
  }

  /** Compiles them all, and gives the compiler's complaints, each with its place in its page. */
  async compile(pages: readonly Page[]): Promise<string[]> {
    if (pages.every(({ snippets }) => snippets.length === 0)) return [];
    const tsc = join(this.#root, "node_modules", "typescript", "bin", "tsc");
    const { stdout } = await runProcess(process.execPath, [tsc, "-p", "."], { cwd: this.#folder });
    const snippets = new Map<string, Snippet>(
      pages.flatMap(({ path, snippets }) =>
        snippets.map((s) => [`${folderName(path)}/${s.file}`, s] as const),
      ),
    );
    return stdout.split("\n").flatMap((text) => {
      const [, file = "", line, message] = /^(\S+)\((\d+),\d+\): (.*)$/.exec(text) ?? [];
      const snippet = snippets.get(file);
      // Lines without a place explain the one above them.
      if (snippet === undefined) return text === "" ? [] : [text];
      return [`${snippet.page}:${snippet.line + Number(line) - 1}: ${message}`];
    });
  }

  /**
   * Imports a snippet in a process of its own, and calls its `main`. Throws, with the output, when that
   * fails or takes longer than `timeout` milliseconds.
   */
  async runSnippet({ page, line, file }: Snippet, timeout = 20_000): Promise<void> {
    const code = `
      const module = await import(${JSON.stringify(`./${file}`)});
      if (typeof module.main === "function") await module.main();
      await new Promise(setImmediate);
      process.exit();`;
    const args = ["--input-type=module", "--eval", code];
    await using program = startProcess(process.execPath, args, { cwd: this.#folderOf(page) });
    const timer = setTimeout(() => program.killGroup("SIGKILL"), timeout);
    const exit = await program.exited;
    clearTimeout(timer);
    if (exit.code === 0) return;
    const how = exit.code === null ? "did not come to an end" : `ended with ${exit.code}`;
    throw new Error(`${page}:${line}: ${how}\n${program.stdout}${program.stderr}`);
  }

  /** Runs a session's commands. Throws when one writes anything else than the page says. */
  async runSession({ page, line, steps }: Session): Promise<void> {
    await using running = new AsyncDisposableStack();
    const path = [join(this.#folder, "node_modules", ".bin"), join(this.#root, "node_modules", ".bin")];
    const options = {
      cwd: this.#folderOf(page),
      env: { PATH: [...path, process.env["PATH"]].join(delimiter) },
    };
    for (const { command, background, expected } of steps) {
      const shell = ["-c", `exec 2>&1\n${this.#withPort(page, command)}`];
      const pattern = toPattern(this.#withPort(page, expected), background ? "start" : "whole");
      if (background) {
        const server = running.use(startProcess("sh", shell, options));
        running.defer(async () => {
          server.killGroup("SIGINT");
          await server.exited;
        });
        await server.waitFor(pattern);
      } else {
        const { stdout } = await runProcess("sh", shell, options);
        if (!pattern.test(stdout)) {
          throw new Error(
            `${page}:${line}: \`${command}\` wrote\n${stdout}\nwhere the page says\n${expected}`,
          );
        }
      }
    }
  }

  #folderOf(page: string): string {
    return join(this.#folder, folderName(page));
  }

  #withPort(page: string, text: string): string {
    return text.replace(/\b8000\b/g, String(this.#ports.get(page)));
  }
}

function folderName(page: string): string {
  return page.replace(/\.md$/, "").replaceAll("/", "-");
}

/** Expected output as a pattern: `…` is anything, space at the ends counts for nothing. */
function toPattern(expected: string, extent: "start" | "whole"): RegExp {
  const literal = expected.trim().replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  return new RegExp(`^\\s*${literal.replaceAll("…", "[\\s\\S]*?")}${extent === "whole" ? "\\s*$" : ""}`);
}

/** The programs that a session calls by name at the start of its commands. */
export function programsOf(session: Session): string[] {
  return [...new Set(session.steps.map(({ command }) => basename(command.split(/\s/, 1)[0]!)))];
}

/** A port that nothing listens on just now. */
async function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = createServer().once("error", reject);
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    server.close(() => resolve((address as { port: number }).port));
  });
  return promise;
}
