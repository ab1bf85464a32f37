/** One route as an operation. */
import { statusTitle } from "../http-error.ts";
import type { JsonSchema } from "../path-converter.ts";
import type { AnyRoute } from "../route.ts";
import type { Schema } from "../validation/schemas.ts";
import type {
  OpenApiContent,
  OpenApiOperation,
  OpenApiParameter,
  OpenApiResponse,
} from "./document-types.ts";
import { type PathTemplate, serversOf } from "./path-template.ts";
import type { SchemaComponents } from "./schema-components.ts";

/** The components that operations refer to for what every route with schemas answers. */
export const responseNames = { 400: "BadRequest", 415: "UnsupportedMediaType", 422: "NotValid" } as const;

export function toOperation(
  operationId: string,
  route: AnyRoute,
  template: PathTemplate,
  components: SchemaComponents,
): OpenApiOperation {
  const { summary, description, tags, deprecated } = route.docs;
  const parameters = parametersOf(route, template, components);
  const body = contentOfRequest(route, components);
  const servers = serversOf(route);
  return {
    operationId,
    ...(summary === undefined ? {} : { summary }),
    ...(description === undefined ? {} : { description }),
    ...(tags === undefined ? {} : { tags }),
    ...(deprecated === undefined ? {} : { deprecated }),
    ...(servers === undefined ? {} : { servers }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: body } }),
    responses: responsesOf(route, components),
  };
}

function parametersOf(
  { schemas }: AnyRoute,
  template: PathTemplate,
  components: SchemaComponents,
): OpenApiParameter[] {
  const checked = schemas.params === undefined ? {} : fieldsOf(components.toJson(schemas.params), components);
  const inPath = template.parameters.map((parameter) => {
    const more = checked[parameter.name]?.schema;
    return more === undefined ? parameter : { ...parameter, schema: { ...parameter.schema, ...more } };
  });
  const inQuery = schemas.query === undefined ? [] : fields("query", schemas.query, components);
  const inHeaders = schemas.headers === undefined ? [] : fields("header", schemas.headers, components);
  return [...inPath, ...inQuery, ...inHeaders];
}

interface Field {
  readonly schema: JsonSchema;
  readonly required: boolean;
}

/** The fields of an object's schema, by name; none where it doesn't say which there are. */
function fieldsOf(schema: JsonSchema, components: SchemaComponents): Record<string, Field> {
  const { properties, required } = components.resolve(schema);
  if (typeof properties !== "object" || properties === null) return {};
  const names = new Set(Array.isArray(required) ? required : []);
  return Object.fromEntries(
    Object.entries(properties).map(([name, field]) => [
      name,
      { schema: field as JsonSchema, required: names.has(name) },
    ]),
  );
}

function fields(place: "query" | "header", schema: Schema, components: SchemaComponents): OpenApiParameter[] {
  const json = components.toJson(schema);
  const known = Object.entries(fieldsOf(json, components));
  // An object as a parameter stands for one parameter for each of its members, whatever they are (§4.8.12).
  if (known.length === 0 && place === "query") {
    return [{ name: "query", in: "query", schema: { type: "object", additionalProperties: true } }];
  }
  return known
    .filter(([name]) => place === "query" || !ignoredHeaders.has(name.toLowerCase()))
    .map(([name, { schema, required }]) => {
      const { description } = components.resolve(schema);
      return {
        name,
        in: place,
        ...(required ? { required } : {}),
        ...(typeof description === "string" ? { description } : {}),
        schema,
      };
    });
}

/** OpenAPI has other places for these (§4.8.12.2). */
const ignoredHeaders = new Set(["accept", "content-type", "authorization"]);

function contentOfRequest({ schemas }: AnyRoute, components: SchemaComponents): OpenApiContent | undefined {
  if (schemas.body !== undefined) return { "application/json": { schema: components.toJson(schemas.body) } };
  if (schemas.form === undefined) return undefined;
  const schema = components.toJson(schemas.form);
  return { "application/x-www-form-urlencoded": { schema }, "multipart/form-data": { schema } };
}

function responsesOf(
  { schemas, docs }: AnyRoute,
  components: SchemaComponents,
): Record<string, OpenApiResponse> {
  const described = Object.entries(docs.responses ?? {});
  const success = described.find(([status]) => /^2/.test(status))?.[0] ?? "200";
  const responses: Record<string, OpenApiResponse> = {};
  if (!described.some(([status]) => status === success))
    responses[success] = { description: meaningOf(success) };
  for (const [status, description] of described) responses[status] = { description };
  if (schemas.response !== undefined) {
    const description = docs.responses?.[Number(success)] ?? meaningOf(success);
    responses[success] = { description, content: contentOfAnswer(components.toJson(schemas.response)) };
  }
  const hasBody = (schemas.body ?? schemas.form) !== undefined;
  const isChecked = hasBody || (schemas.query ?? schemas.params ?? schemas.headers) !== undefined;
  for (const status of [400, 415, 422] as const) {
    const occurs = status === 422 ? isChecked : hasBody;
    if (occurs) responses[status] ??= { $ref: `#/components/responses/${responseNames[status]}` };
  }
  return responses;
}

function contentOfAnswer(schema: JsonSchema): OpenApiContent {
  return { [schema["type"] === "string" ? "text/plain" : "application/json"]: { schema } };
}

function meaningOf(status: string): string {
  return statusTitle(Number(status)).replace(/^\d+ /, "");
}
