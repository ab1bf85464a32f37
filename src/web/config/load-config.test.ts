import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { type } from "arktype";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import {
  bool,
  byteSize,
  type Config,
  ConfigError,
  type ConfigSources,
  duration,
  float,
  int,
  listOf,
  loadConfig,
  oneOf,
  url,
} from "../index.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "socle-config-"));
});

afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: string | object): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

function problemsOf(load: () => unknown): readonly string[] {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe("loadConfig", () => {
  it("gives each setting its type", () => {
    const env = {
      PORT: "8080",
      RATIO: "0.5",
      DEBUG: "yes",
      IDLE: "1.5s",
      LIMIT: "1MiB",
      LEVEL: "info",
      ORIGINS: "https://a.example, https://b.example",
      DATABASE_URL: "postgres://db/notes",
      TITLE: "Notes",
      KEYS: '{"a":1}',
    };
    const config = loadConfig(
      {
        port: { type: int, env: "PORT" },
        ratio: { type: float, env: "RATIO" },
        debug: { type: bool, env: "DEBUG" },
        idle: { type: duration, env: "IDLE" },
        limit: { type: byteSize, env: "LIMIT" },
        level: { type: oneOf("debug", "info"), default: "debug", env: "LEVEL" },
        origins: { type: listOf(url), env: "ORIGINS" },
        database: { type: url, env: "DATABASE_URL" },
        title: { env: "TITLE" },
        subtitle: { optional: true, env: "SUBTITLE" },
        fallback: { type: int, default: 7 },
        own: { type: (text) => (text.length > 1 ? [text] : undefined), env: "TITLE" },
        zod: { type: z.coerce.number().int().max(65_535), env: "PORT" },
        valibot: { type: v.pipe(v.string(), v.parseJson(), v.object({ a: v.number() })), env: "KEYS" },
        arktype: { type: type("string.numeric.parse"), env: "PORT" },
      },
      { env },
    );
    expect({ ...config }).toEqual({
      port: 8080,
      ratio: 0.5,
      debug: true,
      idle: 1500,
      limit: 2 ** 20,
      level: "info",
      origins: ["https://a.example", "https://b.example"],
      database: "postgres://db/notes",
      title: "Notes",
      subtitle: undefined,
      fallback: 7,
      own: ["Notes"],
      zod: 8080,
      valibot: { a: 1 },
      arktype: 8080,
    });
    expectTypeOf(config).toEqualTypeOf<{
      readonly port: number;
      readonly ratio: number;
      readonly debug: boolean;
      readonly idle: number;
      readonly limit: number;
      readonly level: "debug" | "info";
      readonly origins: readonly string[];
      readonly database: string;
      readonly title: string;
      readonly subtitle: string | undefined;
      readonly fallback: number;
      readonly own: string[];
      readonly zod: number;
      readonly valibot: { a: number };
      readonly arktype: number;
    }>();
  });

  it("has defaults of the setting's type", () => {
    // @ts-expect-error a text is no number
    loadConfig({ port: { type: int, default: "8000" } }, { env: {} });
    // @ts-expect-error one of the words
    loadConfig({ level: { type: oneOf("a", "b"), default: "c" } }, { env: {} });
    // @ts-expect-error a number is no text
    loadConfig({ title: { default: 1 } }, { env: {} });
    const settings = { port: { type: int, default: 1 } } as const;
    // @ts-expect-error no such setting
    loadConfig(settings, { env: {}, values: { prot: 1 } });
    expectTypeOf<Config<typeof settings>>().toEqualTypeOf<{ readonly port: number }>();
  });

  it("takes the first of: the program, the environment, its file, the JSON file, the default", async () => {
    const settings = { n: { type: int, env: "N", default: 5 } } as const;
    const envFile = await file("first.env", "N=3\n");
    const json = await file("first.json", { n: 4 });
    const load = (sources: ConfigSources<typeof settings>) => loadConfig(settings, sources).n;
    const [env, values] = [{ N: "2" }, { n: 1 }];
    expect(load({ values, env, envFile, file: json })).toBe(1);
    expect(load({ env, envFile, file: json })).toBe(2);
    expect(load({ env: {}, envFile, file: json })).toBe(3);
    expect(load({ env: { N: "" }, file: json })).toBe(4);
    expect(load({ env: {}, envFile: join(folder, "none.env") })).toBe(5);
    process.env["N"] = "6";
    expect(load({})).toBe(6);
    delete process.env["N"];
    expect(load({})).toBe(5);
  });

  it("reads a JSON file's values as the same text in the environment", async () => {
    const path = await file("typed.json", {
      $schema: "./schema.json",
      port: 80,
      debug: false,
      list: [1, "2"],
      idle: "2m",
      nested: { a: [1] },
    });
    const config = loadConfig(
      {
        port: { type: int, min: 1 },
        debug: { type: bool, default: true },
        list: { type: listOf(int) },
        idle: { type: duration },
        nested: { type: z.object({ a: z.array(z.number()) }) },
      },
      { env: {}, file: path },
    );
    expect({ ...config }).toEqual({
      port: 80,
      debug: false,
      list: [1, 2],
      idle: 120_000,
      nested: { a: [1] },
    });
  });

  it("names every problem, with where the value came from", async () => {
    const envFile = await file("bad.env", "IDLE=30\nSIZE='ten'\n");
    const path = await file("bad.json", {
      prot: 1,
      other: true,
      title: 7,
      list: ["a,b"],
      ratio: {},
      name: "x".repeat(99),
    });
    const settings = {
      port: { type: int, min: 0, max: 65_535, env: "PORT" },
      workers: { type: int, min: 1, env: "WORKERS" },
      load: { type: float, max: 1, env: "LOAD" },
      idle: { type: duration, env: "IDLE", default: 1 },
      size: { type: (text: string) => Number(text) || undefined, env: "SIZE" },
      title: {},
      list: { type: listOf(oneOf("a", "b")) },
      ratio: { type: float },
      name: { type: url },
      key: { env: "KEY", help: "signs the sessions" },
      tags: { type: z.array(z.string()), env: "TAGS" },
    } as const;
    const env = { PORT: "abc", WORKERS: "0", LOAD: "1.5", TAGS: "x" };
    expect(problemsOf(() => loadConfig(settings, { env, envFile, file: path }))).toEqual([
      `"prot" in ${path} is no setting: did you mean port?`,
      `"other" in ${path} is no setting: the settings are port, workers, load, idle, size, title, list, ratio, name, key, tags`,
      'PORT="abc" in the environment must be a whole number from 0 to 65535',
      'WORKERS="0" in the environment must be a whole number from 1 up',
      'LOAD="1.5" in the environment must be a number up to 1',
      `IDLE="30" in ${envFile} must be a number with its unit (ms, s, m or h), such as 500ms or 10s`,
      `SIZE="ten" in ${envFile} must be what type takes`,
      `"title": 7 in ${path} must be a text`,
      `"list": ["a,b"] in ${path} must be a list, with commas between, each of it a or b`,
      `"ratio": {} in ${path} must be a number`,
      `"name": "${"x".repeat(59)}… in ${path} must be an absolute URL`,
      `key (signs the sessions) is missing: set KEY in the environment, or write "key" in ${path}`,
      expect.stringMatching(/^TAGS="x" in the environment is not what its schema takes: the whole: .*array/),
    ]);
    expect(() => loadConfig({ a: {} }, { env: {} })).toThrow("the configuration is wrong: a is missing");
    expect(() => loadConfig({ a: {}, b: {} }, { env: {} })).toThrow(
      "the configuration is wrong:\n(1) a is missing\n(2) b is missing",
    );
  });

  it("names what is wrong with a file", async () => {
    const load = (path: string) =>
      problemsOf(() => loadConfig({ a: { optional: true } }, { env: {}, file: path }));
    const none = join(folder, "none.json");
    expect(load(none)).toEqual([`${none} can't be read: there is no such file`]);
    expect(load(folder)[0]).toContain(`${folder} can't be read: EISDIR`);
    const list = await file("list.json", "[]");
    expect(load(list)).toEqual([`${list} must be a JSON object, with settings by name`]);
    const broken = await file("broken.json", '{\n  "a": }');
    expect(load(broken)).toEqual([`${broken} is not JSON: "a": expected a JSON value at line 2, column 8`]);
    const hostile = await file("hostile.json", '\uFEFF{"__proto__": {"a": "x"}, "constructor": 1}');
    expect(load(hostile).map((problem) => problem.split(" ", 1)[0])).toEqual([
      '"__proto__"',
      '"constructor"',
    ]);
    const folderAsEnv = () => loadConfig({}, { env: {}, envFile: folder });
    expect(problemsOf(folderAsEnv)[0]).toContain(`${folder} can't be read: EISDIR`);
  });

  it("shows no secret, in no way", async () => {
    const path = await file("secret.json", { token: 12, pin: "s3cret" });
    const settings = {
      key: { secret: true, env: "KEY", type: url },
      token: { secret: true, type: bool },
      pin: { secret: true, type: z.enum(["a"]) },
    } as const;
    const problems = problemsOf(() => loadConfig(settings, { env: { KEY: "s3cret" }, file: path }));
    expect(problems).toEqual([
      "KEY in the environment must be an absolute URL",
      `"token" in ${path} must be true or false`,
      `"pin" in ${path} is not what its schema takes`,
    ]);
    const config = loadConfig(
      {
        key: { secret: true, env: "KEY" },
        more: { secret: true, optional: true },
        port: { type: int, default: 1 },
      },
      { env: { KEY: "s3cret" } },
    );
    expect(config.key).toBe("s3cret");
    expect(inspect(config)).toBe("{ key: '***', more: undefined, port: 1 }");
    expect(inspect({ config }, { depth: 5 })).not.toContain("s3cret");
    expect(JSON.stringify(config)).toBe('{"key":"***","port":1}');
    expect(Object.keys(config)).toEqual(["key", "more", "port"]);
  });

  it("gives what nobody can change", () => {
    const config = loadConfig({ list: { type: listOf(int), env: "LIST" } }, { env: { LIST: "1,2" } });
    expect(() => Object.assign(config, { list: [] })).toThrow(TypeError);
    expect(() => (config.list as number[]).push(3)).toThrow(TypeError);
  });

  it("refuses a schema that takes its time", () => {
    const slow = z.string().refine(async () => true);
    expect(() => loadConfig({ a: { type: slow, env: "A" } }, { env: { A: "x" } })).toThrow(
      /must check at once/,
    );
  });
});
