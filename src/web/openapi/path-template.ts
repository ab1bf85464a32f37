/** Route patterns as OpenAPI writes paths and hosts: `/users/{id}`. */
import { alternatives, type PathSegment } from "../path.ts";
import type { AnyRoute } from "../route.ts";
import type { OpenApiParameter, OpenApiServer } from "./document-types.ts";

export interface PathTemplate {
  /** `/users/{id}` */
  readonly path: string;
  /** The same without names: no two paths of a document may have the same. */
  readonly shape: string;
  readonly parameters: readonly OpenApiParameter[];
}

/** A route's paths: two where its last parameter can be left out, as OpenAPI's path parameters can't. */
export function templatesOf({ pattern }: AnyRoute, prefix: string): readonly PathTemplate[] {
  return alternatives(pattern)
    .toReversed()
    .map((segments) => ({
      path: prefix + write(segments, (name) => `{${name}}`),
      shape: prefix + write(segments, () => "{}"),
      parameters: segments.flatMap(toParameter),
    }));
}

function write(segments: readonly PathSegment[], placeholder: (name: string) => string): string {
  return segments
    .map((segment) => `/${typeof segment === "string" ? encodeURI(segment) : placeholder(segment.name)}`)
    .join("");
}

function toParameter(segment: PathSegment): OpenApiParameter[] {
  if (typeof segment === "string") return [];
  const { name, converter } = segment;
  const spanning = converter.spansSegments ? { description: "The rest of the path, slashes and all." } : {};
  return [{ name, in: "path", required: true, ...spanning, schema: converter.schema }];
}

/** Where a route with a host of its own is served. */
export function serversOf({ hostPattern }: AnyRoute): readonly OpenApiServer[] | undefined {
  if (hostPattern === undefined) return undefined;
  const labels = hostPattern.segments.map((label) => (typeof label === "string" ? label : `{${label.name}}`));
  const url = `//${labels.join(".")}`;
  if (hostPattern.names.length === 0) return [{ url }];
  const variables = Object.fromEntries(hostPattern.names.map((name) => [name, { default: name }]));
  return [{ url, variables }];
}
