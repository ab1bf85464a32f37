/** The parts of a request as the values that schemas are for. */
import { isThenable } from "../../gateway/application.ts";
import type { MultiDict } from "../multi-dict.ts";
import { type Request, readJson } from "../request.ts";
import { arrayFieldsOf } from "./json-schema.ts";
import type { RequestPart, RouteSchemas, Schema } from "./schemas.ts";

/** One part of the request, and the schema for it. */
export interface CheckedPart {
  readonly name: RequestPart;
  readonly schema: Schema;
  /** Gives the value, or a promise of it. Throws where the part can't be read at all. */
  read(request: Request<never>): unknown;
}

/** The parts that there are schemas for, in the order in which they are checked: the body comes last, as it is waited for. */
export function checkedParts(schemas: RouteSchemas): readonly CheckedPart[] {
  const order: readonly RequestPart[] = ["params", "query", "headers", "body", "form"];
  return order.flatMap((name) => {
    const schema = schemas[name];
    return schema === undefined ? [] : [{ name, schema, read: readerFor(name, schema) }];
  });
}

function readerFor(name: RequestPart, schema: Schema): CheckedPart["read"] {
  switch (name) {
    case "params":
      return (request) => request.params;
    case "headers":
      return (request) => Object.fromEntries(request.headers);
    case "body":
      return readJson;
    case "query": {
      const toObject = fieldsFor(schema);
      return (request) => toObject(request.query);
    }
    case "form": {
      const toObject = fieldsFor(schema);
      return (request) => request.form().then(toObject);
    }
  }
}

/**
 * Makes an object of names and values: a text, or an array where a name comes more than once. What the schema says to be an array is one
 * also where the name comes once.
 */
function fieldsFor(schema: Schema): (fields: MultiDict) => Record<string, string | string[]> {
  let arrays: ReadonlySet<string> | undefined;
  return (fields) => {
    arrays ??= arrayFieldsOf(schema);
    const object = fields.toJSON();
    for (const name of arrays) {
      const value = object[name];
      if (typeof value === "string") object[name] = [value];
    }
    return object;
  };
}

/** The schema's result for a part, or a promise where reading or checking has to wait. */
export function checkPart({ schema, read }: CheckedPart, request: Request<never>): unknown {
  const value = read(request);
  const { validate } = schema["~standard"];
  return isThenable(value) ? value.then((read) => validate(read)) : validate(value);
}
