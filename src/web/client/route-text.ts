/** Routes as texts, `GET /users/<int:id>`, and the requests that are made of them. */
import type { HandlerResult } from "../result.ts";
import type { AnyRoute, Route } from "../route.ts";
import { encodeSegment } from "../url-text.ts";
import type { RouteSchemas } from "../validation/schemas.ts";

/** A route as it is written: `GET /users/<int:id>`, `GET //api.example.com/users`. */
export type RouteText<R extends AnyRoute> =
  R extends Route<infer Path, infer Method, HandlerResult, infer Host, RouteSchemas>
    ? `${Method} ${Host extends string ? `//${Host}` : ""}${Path}`
    : never;

/** What is used of a route. */
export interface RouteLike {
  readonly methods: readonly string[];
  readonly path: string;
  readonly host?: string | undefined;
}

export interface ParsedRoute {
  readonly method: string;
  readonly path: string;
  readonly host: string | undefined;
}

export function parseRoute(route: string | RouteLike): ParsedRoute {
  if (typeof route !== "string") {
    return { method: route.methods[0] as string, path: route.path, host: route.host };
  }
  const [, method = "GET", host, path = "/"] = /^(\S+) (?:\/\/([^/]*))?(\/.*)$/.exec(route) ?? [];
  return { method, host, path };
}

type Params = Readonly<Record<string, unknown>>;

/**
 * The URL for parameters, below a base.
 * @throws TypeError for a parameter that is missing, or neither text nor number.
 */
export function writeRoute({ path, host }: ParsedRoute, base: string, params: Params): string {
  const segments = path.slice(1).split("/");
  let written = "";
  for (const segment of segments) {
    const parameter = parseParameter(segment);
    if (parameter === undefined) written += `/${encodeSegment(segment)}`;
    else if (!(parameter.optional && params[parameter.name] === undefined)) {
      written += `/${writeParameter(parameter, params, path)}`;
    }
  }
  if (written === "") written = "/";
  if (host === undefined) return base.replace(/\/$/, "") + written;
  const labels = host.split(".").map((label) => {
    const parameter = parseParameter(label);
    return parameter === undefined ? label : writeParameter(parameter, params, host);
  });
  const scheme = /^https?:/.exec(base)?.[0] ?? "";
  return `${scheme}//${labels.join(".")}${written}`;
}

interface Parameter {
  readonly name: string;
  readonly optional: boolean;
  readonly spansSegments: boolean;
}

function parseParameter(segment: string): Parameter | undefined {
  const [, inner, short, optional] = /^(?:<(.*)>|:(.*?))(\?)?$/.exec(segment) ?? [];
  const text = inner ?? short;
  if (text === undefined) return undefined;
  const colon = text.lastIndexOf(":");
  return {
    name: text.slice(colon + 1),
    optional: optional !== undefined,
    spansSegments: text.startsWith("path:"),
  };
}

function writeParameter({ name, spansSegments }: Parameter, params: Params, where: string): string {
  const value = Object.hasOwn(params, name) ? params[name] : undefined;
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "bigint") {
    throw new TypeError(
      `the parameter ${JSON.stringify(name)} of ${where} is ${typeof value}, and must be a text or a number`,
    );
  }
  const text = String(value);
  const parts = spansSegments ? text.split("/") : [text];
  if (parts.some((part) => part === "" || part === "." || part === "..")) {
    throw new TypeError(
      `the parameter ${JSON.stringify(name)} of ${where} is ${JSON.stringify(text)}, which no path can have`,
    );
  }
  return parts.map(encodeSegment).join("/");
}
