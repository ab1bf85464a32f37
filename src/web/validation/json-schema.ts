/** Schemas as JSON Schema, by the Standard JSON Schema that zod and ArkType implement. */
import type { StandardJSONSchemaV1 } from "@standard-schema/spec";
import type { JsonSchema } from "../path-converter.ts";
import type { Schema } from "./schemas.ts";

/** For zod, what it has no JSON Schema for is anything rather than an error; a `Date` is the text that it is written as in JSON. */
const zodOptions: Record<string, unknown> = {
  unrepresentable: "any",
  override({ zodSchema, jsonSchema }: ZodNode): void {
    if (zodSchema._zod.def.type === "date")
      Object.assign(jsonSchema, { type: "string", format: "date-time" });
  },
};

/** What zod shows of a schema that it describes. */
interface ZodNode {
  readonly zodSchema: { readonly _zod: { readonly def: { readonly type: string } } };
  readonly jsonSchema: object;
}

/** What a schema takes, as JSON Schema (draft 2020-12); undefined where its library doesn't say, or has none for it. */
export function jsonSchemaOf(schema: Schema): JsonSchema | undefined {
  const { jsonSchema, vendor } = schema["~standard"] as Partial<StandardJSONSchemaV1.Props>;
  if (jsonSchema === undefined) return undefined;
  try {
    return jsonSchema.input({
      target: "draft-2020-12",
      ...(vendor === "zod" ? { libraryOptions: zodOptions } : {}),
    });
  } catch {
    return undefined;
  }
}

/** The names of an object's fields that are arrays, as far as the schema's library says. */
export function arrayFieldsOf(schema: Schema): ReadonlySet<string> {
  const json = jsonSchemaOf(schema) ?? {};
  // A schema that has a name is a reference to its own definition.
  const named = /^#\/\$defs\/([\w.-]+)$/.exec(String(json["$ref"]))?.[1];
  const { properties = {} } =
    named === undefined ? json : (json["$defs"] as Record<string, JsonSchema>)[named]!;
  const fields = Object.entries(properties as Record<string, JsonSchema>);
  return new Set(fields.filter(([, { type }]) => type === "array").map(([name]) => name));
}
