/** The schemas of an OpenAPI document: those that have a name are in its components, once. */
import type { JsonSchema } from "../path-converter.ts";
import { jsonSchemaOf } from "../validation/json-schema.ts";
import type { Schema } from "../validation/schemas.ts";

const prefix = "#/components/schemas/";

export class SchemaComponents {
  readonly #schemas = new Map<string, JsonSchema>();
  /** Each with what it was made of, by which it is known again. */
  readonly #sources = new Map<string, string>();

  get all(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries(this.#schemas);
  }

  /** A component of a name that is not taken. */
  add(name: string, schema: JsonSchema): JsonSchema {
    this.#schemas.set(name, schema);
    this.#sources.set(name, JSON.stringify(schema));
    return { $ref: prefix + name };
  }

  /**
   * A schema as it stands in the document; `{}`, which is anything, where its library doesn't say what it takes. Names are those that
   * the library gives, such as zod's `meta({ id: "Note" })`.
   */
  toJson(schema: Schema): JsonSchema {
    const { $schema: _, $defs = {}, ...root } = jsonSchemaOf(schema) ?? {};
    const definitions = $defs as Record<string, JsonSchema>;
    const names = new Map<string, string>();
    for (const [name, definition] of Object.entries(definitions)) {
      names.set(`#/$defs/${name}`, this.#reserve(name, JSON.stringify([definition, definitions])));
    }
    if (refersTo(root, "#")) names.set("#", this.#reserve("Schema", JSON.stringify([root, definitions])));
    for (const [name, definition] of Object.entries(definitions)) {
      this.#schemas.set(names.get(`#/$defs/${name}`) as string, withNames(definition, names));
    }
    const json = withNames(root, names);
    const own = names.get("#");
    if (own === undefined) return json;
    this.#schemas.set(own, json);
    return { $ref: prefix + own };
  }

  /** The schema that a reference leads to; any other as it is. */
  resolve(schema: JsonSchema): JsonSchema {
    const reference = schema["$ref"];
    if (typeof reference !== "string" || !reference.startsWith(prefix)) return schema;
    return this.#schemas.get(reference.slice(prefix.length)) ?? schema;
  }

  /** A name for a component, which is the same for the same source. */
  #reserve(name: string, source: string): string {
    const plain = name.replaceAll(/[^\w.-]/g, "_");
    for (let n = 1; ; n++) {
      const candidate = n === 1 ? plain : `${plain}${n}`;
      const known = this.#sources.get(candidate);
      if (known === undefined) this.#sources.set(candidate, source);
      if (known === undefined || known === source) return candidate;
    }
  }
}

/** A schema whose references lead to the components. In the document `#` would be the document itself. */
function withNames(schema: JsonSchema, names: ReadonlyMap<string, string>): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (key, value: unknown) => {
    const name = key === "$ref" ? names.get(String(value)) : undefined;
    return name === undefined ? value : prefix + name;
  }) as JsonSchema;
}

function refersTo(schema: JsonSchema, target: string): boolean {
  return JSON.stringify(schema).includes(`"$ref":${JSON.stringify(target)}`);
}
