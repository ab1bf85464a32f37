/** The description of an app's API: an OpenAPI 3.1 document, made of its routes. */
import type { JsonSchema } from "../path-converter.ts";
import { ALL, type AnyRoute, Route } from "../route.ts";
import { problemType } from "../validation/problem.ts";
import type {
  OpenApiDocument,
  OpenApiInfo,
  OpenApiObject,
  OpenApiOperation,
  OpenApiResponse,
  OpenApiServer,
} from "./document-types.ts";
import { responseNames, toOperation } from "./operation.ts";
import { OperationNames } from "./operation-names.ts";
import { type PathTemplate, templatesOf } from "./path-template.ts";
import { SchemaComponents } from "./schema-components.ts";

export interface OpenApiOptions {
  readonly info: OpenApiInfo;
  /** Where the API is served. Default: where the document is. */
  readonly servers?: readonly OpenApiServer[];
  /** What is said about tags; those that routes name need not be here. */
  readonly tags?: readonly { readonly name: string; readonly description?: string }[];
  /** How clients say who they are, by name (OpenAPI 3.1 §4.8.27). */
  readonly securitySchemes?: Readonly<Record<string, OpenApiObject>>;
  /** Which of them an operation needs (§4.8.30). */
  readonly security?: readonly OpenApiObject[];
  /**
   * The routes by the names that clients call them by, `{ show, create }`: they become the `operationId`s. Default: a route's own name, or one
   * made of method and path.
   */
  readonly api?: Readonly<Record<string, AnyRoute>>;
}

/** What an `App` tells of itself. */
export interface DescribedApp {
  readonly routes: readonly AnyRoute[];
  readonly mounts: readonly { readonly path: string; readonly target: object }[];
}

/**
 * The OpenAPI 3.1 document of an app, with the apps that are mounted in it: paths and parameters of the routes, what their schemas take
 * and give, and what their options say. Routes that are `hidden` are left out. A schema is described where its library tells what it takes
 * (Standard JSON Schema: zod, ArkType; for Valibot `toStandardJsonSchema` of `@valibot/to-json-schema`), and is anything elsewhere.
 * Of routes that OpenAPI can't tell apart (by converter or by host) the first is described; methods that it doesn't know are left out.
 */
export function openapi(app: DescribedApp, options: OpenApiOptions): OpenApiDocument {
  const { info, servers, tags, securitySchemes, security, api = {} } = options;
  const components = new SchemaComponents();
  const names = new OperationNames(api);
  const paths = new Map<string, DescribedPath>();
  const problem = components.add("Problem", problemSchema);
  for (const { route, prefix } of routesIn(app, "", [])) {
    for (const method of methodsOf(route)) {
      const name = names.take(route, method, prefix);
      for (const [i, template] of templatesOf(route, prefix).entries()) {
        const { operations, first } = placeOf(template, paths);
        if (method in operations) continue;
        const operation = toOperation(i === 0 ? name : names.another(name), route, template, components);
        operations[method] = withNamesOf(first, operation);
      }
    }
  }
  return {
    openapi: "3.1.0",
    info,
    ...(servers === undefined ? {} : { servers }),
    ...(tags === undefined ? {} : { tags }),
    ...(security === undefined ? {} : { security }),
    paths: Object.fromEntries([...paths.values()].map(({ first, operations }) => [first.path, operations])),
    components: {
      schemas: components.all,
      responses: problemResponses(problem),
      ...(securitySchemes === undefined ? {} : { securitySchemes }),
    },
    "x-routes": names.routes,
  };
}

interface DescribedPath {
  /** The template of the first route here, whose names all others take. */
  readonly first: PathTemplate;
  readonly operations: Record<string, OpenApiOperation>;
}

function placeOf(template: PathTemplate, paths: Map<string, DescribedPath>): DescribedPath {
  let place = paths.get(template.shape);
  if (place === undefined) paths.set(template.shape, (place = { first: template, operations: {} }));
  return place;
}

function withNamesOf(first: PathTemplate, operation: OpenApiOperation): OpenApiOperation {
  if (operation.parameters === undefined) return operation;
  const parameters = operation.parameters.map((parameter, i) =>
    // Those of the path come first.
    parameter.in === "path" ? { ...parameter, name: first.parameters[i]?.name ?? parameter.name } : parameter,
  );
  return { ...operation, parameters };
}

/** The routes that are described, those of mounted apps behind the app's own. */
function* routesIn(
  app: DescribedApp,
  prefix: string,
  above: readonly unknown[],
): Generator<{ readonly route: AnyRoute; readonly prefix: string }> {
  for (const route of app.routes) {
    if (route.docs.hidden !== true) yield { route, prefix };
  }
  for (const { path, target } of app.mounts) {
    // An app can be mounted within itself, and would have no end.
    if (isDescribed(target) && ![app, ...above].includes(target)) {
      yield* routesIn(target, prefix + (path === "/" ? "" : path), [app, ...above]);
    }
  }
}

function isDescribed(target: object): target is DescribedApp {
  const { routes, mounts } = target as Partial<DescribedApp>;
  return Array.isArray(mounts) && Array.isArray(routes) && routes.every((route) => route instanceof Route);
}

/** The methods that a path item has a place for (OpenAPI 3.1 §4.8.9). */
const knownMethods = new Set(["get", "put", "post", "delete", "options", "head", "patch", "trace"]);

/** What is described of a route that takes every method. */
const usualMethods = ["get", "post", "put", "patch", "delete"];

function methodsOf({ methods }: AnyRoute): readonly string[] {
  if (methods.includes(ALL)) return usualMethods;
  return methods.map((method) => method.toLowerCase()).filter((method) => knownMethods.has(method));
}

function problemResponses(problem: JsonSchema): Record<string, OpenApiResponse> {
  const text = { "text/plain": { schema: { type: "string" } } };
  return {
    [responseNames[400]]: {
      description: "The body can't be read. The text says what is wrong with it.",
      content: text,
    },
    [responseNames[415]]: { description: "The body has another media type.", content: text },
    [responseNames[422]]: {
      description: "The request is not what is taken here. The problem names every field.",
      content: { [problemType]: { schema: problem } },
    },
  };
}

const problemSchema: JsonSchema = {
  type: "object",
  description: "Problem details (RFC 9457).",
  required: ["type", "title", "status"],
  properties: {
    type: { type: "string", format: "uri-reference" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    errors: {
      type: "array",
      items: {
        type: "object",
        required: ["in", "pointer", "detail"],
        properties: {
          in: { type: "string", enum: ["params", "query", "headers", "body", "form"] },
          pointer: { type: "string", format: "json-pointer" },
          detail: { type: "string" },
        },
      },
    },
  },
};
