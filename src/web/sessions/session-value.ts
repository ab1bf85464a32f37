/** What a session can keep: what comes back from JSON as it went in. */

const maxDepth = 100;

/**
 * @param key whose value it is, for the message
 * @throws TypeError for what JSON has no form for, or would give back as something else: a `Date`, a `Map`, a bigint, NaN.
 */
export function checkSessionValue(key: string, value: unknown): void {
  if (value === undefined) {
    throw new TypeError(
      `the session's ${JSON.stringify(key)} can't be undefined: use session.delete(${JSON.stringify(key)})`,
    );
  }
  check(key, value, 0);
}

function check(path: string, value: unknown, depth: number): void {
  switch (typeof value) {
    case "string":
    case "boolean":
      return;
    case "number":
      if (!Number.isFinite(value)) throw unfit(path, String(value), "null would come back");
      return;
    case "object":
      if (value !== null) checkObject(path, value, depth);
      return;
    default:
      throw unfit(path, value === undefined ? "undefined" : `a ${typeof value}`, "JSON has no form for it");
  }
}

function checkObject(path: string, value: object, depth: number): void {
  if (depth === maxDepth)
    throw unfit(path, "an object in itself, or too deep", `${maxDepth} levels are taken`);
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) check(`${path}[${i}]`, value[i], depth + 1);
    return;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    const hint =
      value instanceof Date
        ? "a text would come back: keep date.getTime()"
        : "keep a plain object, or what it can be made of again";
    throw unfit(path, `a ${value.constructor.name}`, hint);
  }
  for (const name of Object.keys(value)) {
    const property = (value as Readonly<Record<string, unknown>>)[name];
    // As with JSON everywhere, what is undefined isn't there.
    if (property !== undefined) check(`${path}.${name}`, property, depth + 1);
  }
}

function unfit(path: string, what: string, why: string): TypeError {
  return new TypeError(`the session's ${JSON.stringify(path)} can't be ${what}: ${why}`);
}
