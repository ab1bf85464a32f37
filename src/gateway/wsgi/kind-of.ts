/** What a value is, in a few words, for the messages of errors: `undefined`, `a string`, `an object of class Map`. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "object") {
    const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
    if (typeof name !== "string" || name === "" || name === "Object") return "a plain object";
    return name === "Array" ? "an array" : `an object of class ${name}`;
  }
  return `a ${typeof value}`;
}
