/** The parts of an OpenAPI 3.1 document that are made here. */
import type { JsonSchema } from "../path-converter.ts";

/** A member whose form OpenAPI has laid down, and that is taken as it is. */
export type OpenApiObject = Readonly<Record<string, unknown>>;

/** What the API is (OpenAPI 3.1 §4.8.2). */
export interface OpenApiInfo {
  readonly title: string;
  /** The API's version, not OpenAPI's. */
  readonly version: string;
  readonly summary?: string;
  /** In CommonMark. */
  readonly description?: string;
  readonly termsOfService?: string;
  readonly contact?: { readonly name?: string; readonly url?: string; readonly email?: string };
  readonly license?: { readonly name: string; readonly identifier?: string; readonly url?: string };
}

/** Where the API is served (§4.8.5). */
export interface OpenApiServer {
  readonly url: string;
  readonly description?: string;
  readonly variables?: Readonly<Record<string, { readonly default: string; readonly description?: string }>>;
}

export interface OpenApiParameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required?: boolean;
  readonly description?: string;
  readonly deprecated?: boolean;
  readonly schema: JsonSchema;
}

export type OpenApiContent = Readonly<Record<string, { readonly schema: JsonSchema }>>;

export type OpenApiResponse =
  | { readonly description: string; readonly content?: OpenApiContent }
  | { readonly $ref: string };

export interface OpenApiOperation {
  readonly operationId: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly deprecated?: boolean;
  readonly servers?: readonly OpenApiServer[];
  readonly parameters?: readonly OpenApiParameter[];
  readonly requestBody?: { readonly required: true; readonly content: OpenApiContent };
  readonly responses: Readonly<Record<string, OpenApiResponse>>;
}

export interface OpenApiDocument {
  readonly openapi: "3.1.0";
  readonly info: OpenApiInfo;
  readonly servers?: readonly OpenApiServer[];
  readonly tags?: readonly { readonly name: string; readonly description?: string }[];
  readonly security?: readonly OpenApiObject[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly responses?: Readonly<Record<string, OpenApiResponse>>;
    readonly securitySchemes?: Readonly<Record<string, OpenApiObject>>;
  };
  /** The routes by `operationId`, as the framework writes them: `GET /users/<int:id>`. For the typed client. */
  readonly "x-routes": Readonly<Record<string, string>>;
}
