/** The schemas that a route's options name. */
import type { RouteSchemas, Schema } from "./schemas.ts";

/** Methods whose requests have no content that means anything (RFC 9110 §9.3). */
const bodiless = new Set(["GET", "HEAD"]);

/**
 * @param path for messages
 * @returns undefined where there are none
 * @throws TypeError for what is no schema, for a body where requests have none, and for a body and a form at once.
 */
export function schemasIn<Schemas extends RouteSchemas>(
  options: Partial<Schemas>,
  methods: readonly string[],
  path: string,
): Schemas | undefined {
  const { body, form, query, params, headers, response } = options;
  const schemas = { body, form, query, params, headers, response };
  const given = Object.entries(schemas).filter(([, schema]) => schema !== undefined);
  if (given.length === 0) return undefined;
  const where = `the route ${JSON.stringify(path)}`;
  for (const [name, schema] of given) {
    if (!isSchema(schema)) {
      throw new TypeError(
        `${where} has no schema for its ${name}: what is given does not implement Standard Schema (zod 3.24, Valibot 1, ArkType 2 and later do)`,
      );
    }
  }
  if (body !== undefined && form !== undefined) {
    throw new TypeError(
      `${where} has a schema for a body and one for a form: a request has one or the other`,
    );
  }
  if ((body ?? form) !== undefined && methods.every((method) => bodiless.has(method))) {
    throw new TypeError(`${where} has a schema for a body, and ${methods.join(" and ")} requests have none`);
  }
  return schemas as Schemas;
}

function isSchema(value: unknown): value is Schema {
  const isObject = (typeof value === "object" && value !== null) || typeof value === "function";
  const standard = isObject ? (value as Partial<Schema>)["~standard"] : undefined;
  return typeof standard?.validate === "function";
}
