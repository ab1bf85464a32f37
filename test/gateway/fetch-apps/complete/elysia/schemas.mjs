import { ask } from "../cases.mjs";

export function schemas(library) {
  const {
    Elysia,
    t,
    fileType,
    getSchemaValidator,
    getResponseSchemaValidator,
    TypeSystemPolicy,
    validationDetail,
  } = library;
  const standard = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value) =>
        value?.n === 1 ? { value: { n: 1, seen: true } } : { issues: [{ message: "n must be 1" }] },
    },
  };
  return new Elysia({ prefix: "/schemas" })
    .model({ person: t.Object({ name: t.String({ minLength: 2 }), age: t.Optional(t.Numeric()) }) })
    .model("word", t.String())
    .post("/person", ({ body }) => body, { body: "person", response: "person" })
    .get("/query", ({ query }) => query, {
      query: t.Object({
        n: t.Numeric(),
        on: t.BooleanString(),
        list: t.Optional(t.Array(t.String())),
        when: t.Optional(t.Date()),
      }),
    })
    .get("/headers", ({ headers }) => headers["x-n"], { headers: t.Object({ "x-n": t.Numeric() }) })
    .post("/standard", ({ body }) => body, { body: standard })
    .get("/response", ({ query }) => (query.wrong === undefined ? { ok: true } : { ok: "no" }), {
      response: { 200: t.Object({ ok: t.Boolean() }) },
    })
    .get("/transformed/:words", ({ params }) => params.words, {
      params: t.Object({
        words: t
          .Transform(t.String())
          .Decode((text) => text.split("-"))
          .Encode((words) => words.join("-")),
      }),
    })
    .post("/upload", ({ body }) => body.file.type, {
      body: t.Object({ file: t.File({ type: "image/png", maxSize: "1k" }) }),
    })
    .post(
      "/upload-seen",
      async ({ body }) => String(await fileType(body.file, "image/png").catch(({ message }) => message)),
      { body: t.Object({ file: t.File() }) },
    )
    .guard({ query: t.Object({ key: t.String() }) }, (guarded) =>
      guarded.get("/guarded", ({ query }) => query.key),
    )
    .post("/detail", () => "in", {
      body: t.Object({ n: t.Number({ error: validationDetail("n is a number") }) }),
    })
    .get("/by-hand", () => {
      const validator = getSchemaValidator(t.Object({ a: t.Number() }), {});
      return [
        validator.Check({ a: 1 }),
        validator.Check({}),
        Object.keys(getResponseSchemaValidator({ 200: t.String() }, {})),
        typeof TypeSystemPolicy,
      ];
    })
    .get("/types", () => Object.keys(t).includes("UnionEnum"));
}

const file = { name: "f.txt", type: "text/plain", content: "content" };
/** As much of an image as tells its type, and no byte beyond ASCII but the first. */
const png = {
  name: "f.png",
  type: "image/png",
  content: Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"),
};

export const cases = [
  ask("POST /schemas/person", { json: { name: "Ada", age: 7 } }, 200, { name: "Ada", age: 7 }),
  ask("POST /schemas/person?wrong", { json: { name: "A" } }, 422),
  ask("GET /schemas/query?n=7&on=true&list=a&list=b&when=2020-01-01", 200, /"n":7,"on":true/),
  ask("GET /schemas/query?n=x", 422),
  ask("GET /schemas/headers", { headers: { "x-n": "7" } }, 200, "7"),
  ask("POST /schemas/standard", { json: { n: 1 } }, 200, { n: 1, seen: true }),
  ask("POST /schemas/standard?wrong", { json: { n: 2 } }, 422),
  ask("GET /schemas/response", 200, { ok: true }),
  ask("GET /schemas/response?wrong", 422),
  ask("GET /schemas/transformed/a-b", 200, ["a", "b"]),
  ask("POST /schemas/upload", { parts: { file: png } }, 200, "image/png"),
  ask("POST /schemas/upload?wrong", { parts: { file } }, 422),
  ask("POST /schemas/upload-seen", { parts: { file } }, 200, /./),
  ask("GET /schemas/guarded?key=1", 200, "1"),
  ask("GET /schemas/guarded", 422),
  ask("POST /schemas/detail", { json: { n: "x" } }, 422, /n is a number/),
  ask("GET /schemas/by-hand", 200, [true, false, ["200"], "object"]),
  ask("GET /schemas/types", 200, "true"),
];
