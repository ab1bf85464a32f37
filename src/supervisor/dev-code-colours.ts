/** TypeScript as markup, with its words, texts, numbers and comments told apart: enough to read an excerpt by, and no parser. */
import { escapeHtml } from "../web/responses/html-escape.ts";

const words =
  "abstract|any|as|async|await|bigint|boolean|break|case|catch|class|const|continue|declare|default|delete|do|else|export|extends|false|finally|for|from|function|get|if|implements|import|in|infer|instanceof|interface|is|keyof|let|new|never|null|number|of|private|protected|public|readonly|return|satisfies|set|static|string|super|switch|this|throw|true|try|type|typeof|undefined|unknown|using|var|void|while|yield";

const token = new RegExp(
  [
    String.raw`(?<comment>//[^\n]*|/\*[\s\S]*?(?:\*/|$))`,
    String.raw`(?<text>"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|${"`"}(?:[^${"`"}\\]|\\[\s\S])*${"`"}?)`,
    String.raw`(?<number>\b\d[\w.]*)`,
    String.raw`(?<![.\w$])(?<word>${words})(?![\w$])`,
  ].join("|"),
  "g",
);

/** The lines of an excerpt as markup. A comment or text that begins above the excerpt is not known to be one. */
export function colourLines(lines: readonly string[]): string[] {
  const code = lines.join("\n");
  let html = "";
  let at = 0;
  for (const match of code.matchAll(token)) {
    html += escapeHtml(code.slice(at, match.index));
    at = match.index + match[0].length;
    const kind = Object.entries(match.groups ?? {}).find(([, value]) => value !== undefined)?.[0] ?? "";
    // A line is markup of its own: what goes over several begins again in each.
    html += match[0]
      .split("\n")
      .map((part) => `<i class="${kind}">${escapeHtml(part)}</i>`)
      .join("\n");
  }
  return (html + escapeHtml(code.slice(at))).split("\n");
}
