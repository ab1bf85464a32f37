/**
 * Import strings: how an application is named on a command line.
 *
 *     web.ts            the first export that is an application, of those that `unnamedExports` lists
 *     web.ts:api        the export `api` (or a property of it: `api.v2`)
 *     web.ts:make()     what the function `make` returns, now or as a promise
 *
 * A module that listens itself and exports nothing is its server.
 *
 * `web.ts` is a file, its extension may be left out (`web`), or else a package. What counts as an application says
 * docs/gateway.md.
 */
import { pathToFileURL } from "node:url";
import { findModuleFile, ModuleFileError } from "../net/loader/module-file.ts";
import { nearMatch } from "../net/loader/near-match.ts";
import { enableTypeScript } from "../net/loader/typescript.ts";
import { describeUserError } from "../net/loader/user-error.ts";
import { hasMethod, isObject } from "./application.ts";
import { type Classified, classify, describe, type Interface, type Unknown } from "./classify.ts";
import { listensItself } from "./listens-itself.ts";
import type { CapturedServers } from "./node/captured-servers.ts";
import { type OwnServer, OwnServers } from "./own-server.ts";
import { adapt, type Recognised, type Validator } from "./recognise.ts";

/** An import string that gives no application. The message is one line: what is wrong, where, and what would be right. */
export class ImportStringError extends Error {
  override readonly name = "ImportStringError";
}

/** The parts of an import string. */
export interface ImportString {
  /** A file or a package. */
  readonly module: string;
  /** The export, or null where it is left out. */
  readonly attribute: string | null;
  /** Whether the export is called. */
  readonly call: boolean;
}

export interface LoadOptions {
  /** Where files and packages are looked for. Default: the process's working directory. */
  readonly cwd?: string;
  /** What the application speaks. Default: what its shape says. */
  readonly interface?: Interface | undefined;
  /** Whether the validator stands between server and application. Default false. */
  readonly validate?: boolean;
  /**
   * The servers of `node:http` that the module listens with: one of them is the application where the module exports none.
   * Default: none; what listens, listens.
   */
  readonly servers?: CapturedServers | undefined;
  /** What `wsgi.multiprocess` says: whether other processes run the application at the same time. Default true. */
  readonly multiprocess?: boolean | undefined;
}

/** An application, what it was recognised as, and how it was found. */
export interface LoadedApplication extends Recognised {
  /** The import string with what it left out, such as `web.ts:main()` for `web.ts`. */
  readonly description: string;
  /** The application as its module has it. */
  readonly target: Classified["target"];
  /** How the module listens with the application itself, which is left out, such as `listen(3000)`. */
  readonly leftOut: readonly string[];
}

/**
 * Takes an import string apart.
 * @throws ImportStringError
 */
export function parseImportString(text: string): ImportString {
  const parts = /^(.+?)(?::([\p{ID_Start}$_][\p{ID_Continue}$.]*)(\(\))?)?$/u.exec(text);
  const [, module = "", attribute, call] = parts ?? [];
  const drive = /^[a-z]:[\\/]/i.test(module) ? 2 : 0;
  if (module === "" || module.slice(drive).includes(":") || module.endsWith(")")) {
    throw new ImportStringError(
      `can't read the import string ${JSON.stringify(text)}. Write module, module:attribute or module:factory(), such as 'web.ts:main()'.`,
    );
  }
  return { module, attribute: attribute ?? null, call: call !== undefined };
}

/**
 * Loads the application that an import string names; TypeScript is taken as it is.
 * @throws ImportStringError
 */
export async function loadApplication(text: string, options: LoadOptions = {}): Promise<LoadedApplication> {
  const own = options.servers && new OwnServers(options.servers);
  try {
    const { classified, description, self } = await new Search(text, options, own).find();
    const validator: Validator | undefined = options.validate
      ? await import("./validate/index.ts")
      : undefined;
    const leftOut = (await own?.settle(classified.target)) ?? [];
    const { kind, what, target } = classified;
    const application = adapt(classified, validator, options.multiprocess);
    if (self === undefined) return { application, kind, what, description, target, leftOut };
    const { what: inside, call } = self;
    return {
      application,
      kind,
      what: `${inside}, found by its ${call}`,
      description,
      target: self.target,
      leftOut: [],
    };
  } finally {
    own?.stop();
  }
}

type Exports = Readonly<Record<string, unknown>>;

/** What was found, and the import string in full. */
interface Found {
  readonly classified: Classified;
  readonly description: string;
  /** Where the module exports none: the server that it listens with. */
  readonly self?: OwnServer;
}

/**
 * The exports that are looked at when an import string names none, in order: what frameworks, Python's servers, and runtimes
 * that speak fetch have their users write. Then comes what `main()` returns.
 */
const unnamedExports = ["default", "app", "application", "fetch", "handler"] as const;

/** What a value must be, where the interface is given. */
const needs: Readonly<Record<Interface, string>> = {
  fetch: "a function (request), or an object with such a method called fetch",
  wsgi: "a function (environ, startResponse)",
  node: "a function (req, res), an app of Express, Connect, Koa or Fastify, or an http.Server",
};

const whatAnApplicationIs =
  "An application is an App of Socle, an object with fetch(request), an app of Express, Connect, Koa or Fastify, an http.Server, or a function (request), (req, res) or (environ, startResponse).";

/** One search, along one import string. */
class Search {
  readonly #text: string;
  readonly #parsed: ImportString;
  readonly #cwd: string;
  readonly #as: Interface | undefined;
  readonly #own: OwnServers | undefined;

  constructor(text: string, options: LoadOptions, own: OwnServers | undefined) {
    this.#text = text;
    this.#parsed = parseImportString(text);
    this.#cwd = options.cwd ?? process.cwd();
    this.#as = options.interface;
    this.#own = own;
  }

  async find(): Promise<Found> {
    const { module, attribute, call } = this.#parsed;
    const exports = await this.#import();
    if (attribute === null) return this.#findUnnamed(exports);
    const value = this.#lookUp(exports, attribute);
    const classified = await (call ? this.#call(value, attribute) : this.#classify(value));
    if (classified.kind !== "unknown") return { classified, description: this.#text };
    const self = call ? await this.#findOwnServer(this.#text) : undefined;
    if (self !== undefined) return self;
    return this.#fail(
      call
        ? this.#explain(`what ${attribute}() returned`, undefined, classified)
        : this.#explain(attribute, `${module}:${attribute}()`, classified),
    );
  }

  async #import(): Promise<Exports> {
    let url: string;
    try {
      url = pathToFileURL(await findModuleFile(this.#parsed.module, this.#cwd)).href;
    } catch (error) {
      if (error instanceof ModuleFileError) return this.#fail(error.message);
      throw error;
    }
    enableTypeScript();
    try {
      const exports: Exports = await import(url);
      const inner = exports["default"];
      // CommonJS that a compiler has made of an ES module: what it calls default is one deeper.
      return isObject(inner) && "__esModule" in inner ? (inner as Exports) : exports;
    } catch (error) {
      return this.#fail(describeUserError(error, this.#cwd, url), error);
    }
  }

  async #findUnnamed(exports: Exports): Promise<Found> {
    const { module } = this.#parsed;
    let nearly: string | undefined;
    for (const name of unnamedExports) {
      if (!(name in exports)) continue;
      // Whatever the parameters of a function are called that is exported as fetch.
      const classified = await this.#classify(exports[name], name === "fetch" ? "fetch" : undefined);
      if (classified.kind !== "unknown") {
        return { classified, description: name === "default" ? module : `${module}:${name}` };
      }
      const title = name === "default" ? "its default export" : `its export ${name}`;
      nearly ??= this.#explain(title, `${module}:${name}()`, classified);
    }
    const main = exports["main"];
    // A module that has called it already is not to be started twice.
    if (typeof main === "function" && !this.#own?.any) {
      const classified = await this.#call(main, "main");
      const description = `${module}:main()`;
      if (classified.kind !== "unknown") return { classified, description };
      const self = await this.#findOwnServer(description);
      return self ?? this.#fail(this.#explain("what main() returned", undefined, classified));
    }
    const self = await this.#findOwnServer(module);
    if (self !== undefined) return self;
    if (await listensItself()) {
      return this.#fail(
        `it starts a server of its own, and exports no application. Write 'export default app' in it, and leave listening to socle serve. ${listExports(exports)}`,
      );
    }
    if (nearly !== undefined) return this.#fail(nearly);
    const other = Object.keys(exports).find((name) => isPlainly(exports[name]));
    const hint = other === undefined ? "" : ` Did you mean ${module}:${other}?`;
    return this.#fail(
      `none of its exports is called ${unnamedExports.join(", ")} or main, and the import string names no other. ${listExports(exports)}${hint}`,
    );
  }

  /** The one server that the module listens with. */
  async #findOwnServer(description: string): Promise<Found | undefined> {
    if (this.#own === undefined || (this.#as ?? "node") !== "node") return undefined;
    const [self, ...more] = await this.#own.find();
    if (self === undefined) return undefined;
    if (more.length === 0) return { classified: self.classified, description, self };
    const listed = [self, ...more].map(({ what, call }) => `${what} by ${call}`).join(", ");
    return this.#fail(
      `it exports no application, and listens with several servers: ${listed}. Export the one to serve, such as 'export default app'; the others then listen themselves.`,
    );
  }

  #lookUp(exports: Exports, attribute: string): unknown {
    const { module } = this.#parsed;
    let value: unknown = exports;
    let path = module;
    for (const name of attribute.split(".")) {
      if (!isObject(value) || !(name in value)) {
        if (value !== exports) {
          return this.#fail(`${path} (${describe(value)}) has no ${JSON.stringify(name)}.`);
        }
        const near = nearMatch(name, Object.keys(exports));
        const suggestion = near === undefined ? "" : ` Did you mean ${near}?`;
        return this.#fail(
          `${module} has no export ${JSON.stringify(name)}. ${listExports(exports)}${suggestion}`,
        );
      }
      value = (value as Exports)[name];
      path = path === module ? name : `${path}.${name}`;
    }
    return value;
  }

  async #call(value: unknown, name: string): Promise<Classified | Unknown> {
    if (typeof value !== "function") {
      const instead = classify(value, this.#as).kind === "unknown" ? "." : ": leave the () out.";
      return this.#fail(`${name}() can't be called: ${name} is ${describe(value)}${instead}`);
    }
    try {
      return await this.#classify(value());
    } catch (error) {
      return this.#fail(`${name}() threw ${describeUserError(error, this.#cwd)}`, error);
    }
  }

  async #classify(value: unknown, as?: Interface): Promise<Classified | Unknown> {
    return classify(isPromise(value) ? await value : value, this.#as ?? as);
  }

  /** @param factory the import string that would call the value, where that may be what is meant */
  #explain(name: string, factory: string | undefined, { what, open }: Unknown): string {
    if (this.#as !== undefined) {
      return `${name} is ${what}, and --interface ${this.#as} needs ${needs[this.#as]}.`;
    }
    if (!open) return `${name} is ${what}, and no application. ${whatAnApplicationIs}`;
    const made = factory === undefined ? "" : ` If it makes an application, write '${factory}'.`;
    return `${name} is ${what}, which does not tell what it takes. If it answers requests, add --interface fetch, node or wsgi.${made}`;
  }

  /** @param cause what the user's code threw */
  #fail(why: string, cause?: unknown): never {
    const options = cause === undefined ? undefined : { cause };
    throw new ImportStringError(`can't load ${JSON.stringify(this.#text)}: ${why}`, options);
  }
}

/** Whether it is a promise. An application may have a `then` that is no promise's: Fastify's and itty-router's do. */
function isPromise(value: unknown): value is PromiseLike<unknown> {
  return hasMethod(value, "then") && classify(value).kind === "unknown";
}

/** Whether it is an application and no function, which may be anything. */
function isPlainly(value: unknown): boolean {
  return typeof value === "object" && classify(value).kind !== "unknown";
}

function listExports(exports: Exports): string {
  const names = Object.keys(exports).filter((name) => name !== "module.exports" && name !== "__esModule");
  return names.length === 0 ? "It exports nothing." : `It exports ${names.join(", ")}.`;
}
