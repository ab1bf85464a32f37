/** The names of a function's parameters, as its source has them. */

/** Comments, strings and templates without holes, which may hold any bracket. */
const opaque = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\$]|\\.)*`/g;

/** A name, in a parameter list. */
const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/**
 * The names of a function's parameters. One that is taken apart, `({ url })`, has the name `{}`, and a rest parameter its
 * dots. Undefined where the function's source is not to be had (`bind` makes such functions) or can't be read.
 */
export function parameterNames(value: (...args: never[]) => unknown): readonly string[] | undefined {
  const source = Function.prototype.toString
    .call(value)
    .replace(opaque, (text) => (text[0] === "/" ? "" : '""'));
  if (/\{\s*\[native code\]\s*\}$/.test(source)) return undefined;
  const [, only] = /^\s*(?:async\s+)?([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*=>/u.exec(source) ?? [];
  if (only !== undefined) return [only];
  const list = parameterList(source);
  return list?.map(nameOf);
}

/** The texts between the commas of the first pair of parentheses. */
function parameterList(source: string): string[] | undefined {
  const start = source.indexOf("(") + 1;
  // A method's name that is computed may call something itself.
  if (start === 0 || source.slice(0, start).includes("[")) return undefined;
  const parts: string[] = [];
  let depth = 0;
  let from = start;
  for (let i = start; i < source.length; i++) {
    const char = source[i]!;
    if (char === ")" && depth === 0) {
      const last = source.slice(from, i).trim();
      return last === "" ? parts : [...parts, last];
    }
    if ("([{".includes(char)) depth++;
    else if (")]}".includes(char)) depth--;
    else if (char === "," && depth === 0) {
      parts.push(source.slice(from, i).trim());
      from = i + 1;
    }
  }
  return undefined;
}

function nameOf(parameter: string): string {
  if (/^[{[]/.test(parameter)) return "{}";
  const [name = ""] = parameter.split("=", 1);
  const bare = name.trim();
  return bare.startsWith("...") || identifier.test(bare) ? bare : "?";
}
