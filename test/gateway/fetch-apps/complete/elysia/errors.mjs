import { ask } from "../cases.mjs";

export function errors(library) {
  const {
    Elysia,
    NotFoundError,
    InternalServerError,
    ParseError,
    InvalidCookieSignature,
    ValidationError,
    InvalidFileType,
    ERROR_CODE,
    status,
    t,
    mapValueError,
  } = library;
  class Own extends Error {
    status = 409;
  }
  return new Elysia({ prefix: "/errors" })
    .error({ OWN: Own })
    .error("PLAIN", class extends Error {})
    .onError(({ code, error, set }) => {
      if (code === "OWN") return `own ${error.message}`;
      if (code === "VALIDATION") {
        set.headers["x-validation"] = String(error instanceof ValidationError);
        return { where: error.type, first: mapValueError(error.valueError)?.summary ?? null };
      }
      return undefined;
    })
    .get("/own", () => {
      throw new Own("thrown");
    })
    .get("/plain", () => {
      throw new Error("plain");
    })
    .get("/returned", () => new Error("returned"))
    .get("/not-found", () => {
      throw new NotFoundError("not here");
    })
    .get("/internal", () => {
      throw new InternalServerError("internal");
    })
    .get("/status", () => {
      throw status(402, "pay");
    })
    .get("/kinds", () => [
      new ParseError().code,
      new InvalidCookieSignature("k").code,
      new InvalidFileType("f", "image").code,
      typeof ERROR_CODE,
    ])
    .get("/validated/:n", ({ params }) => params, { params: t.Object({ n: t.Number() }) })
    .get(
      "/local",
      () => {
        throw new Error("local");
      },
      { error: ({ error }) => `local ${error.message}` },
    )
    .get("/to-response", () => {
      throw Object.assign(new Error("own"), { toResponse: () => new Response("by itself", { status: 410 }) });
    });
}

export const cases = [
  ask("GET /errors/own", 409, "own thrown"),
  ask("GET /errors/plain", 500, "plain"),
  ask("GET /errors/returned", 500),
  ask("GET /errors/not-found", 404, "not here"),
  ask("GET /errors/internal", 500, "internal"),
  ask("GET /errors/status", 402, "pay"),
  ask("GET /errors/kinds", 200, /PARSE/),
  ask("GET /errors/validated/7", 200, { n: 7 }),
  ask("GET /errors/validated/x", 422, /"where":"params"/, { "x-validation": "true" }),
  ask("GET /errors/local", 500, "local local"),
  ask("GET /errors/to-response", 410, "by itself"),
];
