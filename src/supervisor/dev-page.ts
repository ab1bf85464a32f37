/** The error page of `socle dev`. It is whole in itself: nothing is fetched, and the one script reloads it when the code has changed. */
import { escapeHtml } from "../web/responses/html-escape.ts";
import { colourLines } from "./dev-code-colours.ts";
import { type Fault, type Frame, placeOf } from "./dev-fault.ts";
import { whereOf } from "./dev-fault-text.ts";
import { reloadScript } from "./dev-reload-script.ts";
import type { RequestFacts } from "./dev-request-facts.ts";
import type { Excerpt } from "./dev-source.ts";

/** What went wrong, as a page or a text tells it. Survives JSON. */
export interface Trouble {
  /** What could not be done: `web.ts could not be loaded`; "" for a fault of a handler. */
  readonly heading: string;
  /** All of it in one line, where that says more than the faults. */
  readonly summary: string;
  readonly faults: readonly Fault[];
}

export interface PageOptions {
  readonly trouble: Trouble;
  readonly request: RequestFacts;
  /** Name and value of what else is to be known, such as versions. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** Lets the page's own script and style run. */
  readonly nonce: string;
}

export function faultPageHtml({ trouble, request, facts, nonce }: PageOptions): string {
  const [first, ...more] = trouble.faults;
  const title = trouble.heading || (first === undefined ? "Error" : `${first.name}: ${first.message}`);
  // A reload sends the request once more: only where that changes nothing.
  const script = request.method === "GET" ? `<script nonce="${nonce}">${reloadScript}</script>` : "";
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(oneLine(title))}</title>
<style nonce="${nonce}">${style}</style>
</head>
<body>
<main>
<header>
<p class="what">${escapeHtml(trouble.heading || `${request.method} ${request.target}`)}</p>
${first === undefined ? `<h1>${escapeHtml(trouble.summary)}</h1>` : titleHtml(first)}
${first !== undefined && trouble.summary !== "" ? `<p class="summary">${escapeHtml(trouble.summary)}</p>` : ""}
</header>
${first === undefined ? "" : faultHtml(first)}
${more.map((fault) => `<section class="cause"><p class="what">${escapeHtml(fault.relation ?? "")}</p>${titleHtml(fault, "h2")}${faultHtml(fault)}</section>`).join("\n")}
<section>
<h3>Request</h3>
<p class="line"><b>${escapeHtml(request.method)}</b> ${escapeHtml(request.target)} <span class="quiet">HTTP/${escapeHtml(request.httpVersion)}</span></p>
${tableHtml(request.headers)}
</section>
<footer>${facts.map(([name, value]) => `<span>${escapeHtml(name)} <b>${escapeHtml(value)}</b></span>`).join("")}</footer>
</main>
${script}
</body>
</html>
`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").slice(0, 200);
}

function titleHtml({ name, message }: Fault, tag: "h1" | "h2" = "h1"): string {
  const said = message === "" ? "" : `: ${message}`;
  return `<${tag}><span class="name">${escapeHtml(name)}</span>${escapeHtml(said)}</${tag}>`;
}

function faultHtml(fault: Fault): string {
  const place = placeOf(fault);
  const source =
    place?.excerpt == null
      ? ""
      : `<figure><figcaption>${escapeHtml(whereOf(place))}</figcaption>${excerptHtml(place.excerpt)}</figure>`;
  const details = fault.details === "" ? "" : `<pre class="details">${escapeHtml(fault.details)}</pre>`;
  if (fault.frames.length === 0) return source + details;
  const own = fault.frames.filter(({ owner }) => owner === "user");
  const others = fault.frames.length - own.length;
  const calls = (frames: readonly Frame[]): string =>
    `<ol class="calls">${frames.map((frame) => callHtml(frame, frame === place)).join("")}</ol>`;
  const all =
    others === 0
      ? ""
      : `<details class="all"><summary>the whole stack, with ${others} more ${others === 1 ? "call" : "calls"} in packages, Node.js and Socle</summary>${calls(fault.frames)}</details>`;
  return `${source}${details}<section><h3>Calls</h3>${own.length === 0 ? "" : calls(own)}${all}</section>`;
}

function callHtml(frame: Frame, isShown: boolean): string {
  const call = frame.call === "" ? "" : `<b>${escapeHtml(frame.call)}</b> `;
  const line = `${call}<span class="quiet">${escapeHtml(whereOf(frame))}</span>`;
  if (frame.excerpt === null || isShown) return `<li class="${frame.owner}">${line}</li>`;
  return `<li class="${frame.owner}"><details><summary>${line}</summary>${excerptHtml(frame.excerpt)}</details></li>`;
}

function excerptHtml({ line, column, firstLine, lines }: Excerpt): string {
  const rows = colourLines(lines).map((code, index) => {
    const number = firstLine + index;
    const source = lines[index] ?? "";
    const caret =
      number === line && column !== null && column <= source.length + 1
        ? `<span class="caret">${escapeHtml(source.slice(0, column - 1).replaceAll(/[^\t]/g, " "))}^</span>`
        : "";
    return `<span class="row${number === line ? " hit" : ""}"><span class="number">${number}</span><span>${code || " "}${caret}</span></span>`;
  });
  return `<pre class="code">${rows.join("")}</pre>`;
}

function tableHtml(rows: readonly (readonly [string, string])[]): string {
  const body = rows.map(
    ([name, value]) => `<tr><th>${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`,
  );
  return `<table>${body.join("")}</table>`;
}

const style = `
:root { color-scheme: light dark; --ground: #f7f7f5; --card: #fff; --text: #22252a; --quiet: #6a7078; --line: #e3e4e1;
  --red: #b3261e; --hit: #fdecea; --word: #8a3ffc; --string: #12703c; --number: #a05a00; --comment: #7b828a; }
@media (prefers-color-scheme: dark) { :root { --ground: #15171a; --card: #1d2024; --text: #e4e6e9; --quiet: #979da6; --line: #30343a;
  --red: #ff8a80; --hit: #47211f; --word: #c4a2ff; --string: #86d9a3; --number: #f0b36a; --comment: #858c95; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.55 system-ui, sans-serif; }
main { max-width: 64rem; margin: 0 auto; padding: 2.5rem 1.5rem 3rem; }
header { border-left: 4px solid var(--red); padding-left: 1.1rem; margin-bottom: 1.75rem; }
h1, h2 { margin: 0; font-weight: 600; line-height: 1.3; white-space: pre-wrap; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-bottom: 1rem; }
h3 { margin: 0 0 .6rem; font-size: .8rem; font-weight: 600; letter-spacing: .06em; text-transform: uppercase; color: var(--quiet); }
.name { color: var(--red); }
.what { margin: 0 0 .2rem; color: var(--quiet); overflow-wrap: anywhere; }
.summary { margin: .6rem 0 0; color: var(--quiet); overflow-wrap: anywhere; }
.quiet, .package, .platform { color: var(--quiet); }
section, figure { background: var(--card); border: 1px solid var(--line); border-radius: 8px; margin: 0 0 1.25rem; padding: 1rem 1.25rem; }
section section, section figure { margin: 0 0 1rem; } section > :last-child { margin-bottom: 0; }
figure { padding: 0; overflow: hidden; }
figcaption { padding: .6rem 1.25rem; border-bottom: 1px solid var(--line); font: 13px/1.5 ui-monospace, monospace; color: var(--quiet); }
pre, table, .calls, .line { font: 13px/1.65 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
pre { margin: 0; overflow-x: auto; tab-size: 2; }
.code { padding: .6rem 0; }
.row { display: flex; min-width: max-content; padding: 0 1.25rem; border-left: 3px solid transparent; }
.row.hit { background: var(--hit); border-left-color: var(--red); }
.number { flex: none; width: 2.5rem; padding-right: 1rem; text-align: right; color: var(--quiet); user-select: none; }
.caret { display: block; color: var(--red); font-weight: 700; line-height: 1; user-select: none; }
i { font-style: normal; } .word { color: var(--word); } .text { color: var(--string); } .number:is(i) { color: var(--number); padding: 0; user-select: auto; }
.comment { color: var(--comment); }
.details { padding: 0 1.25rem 1rem; }
.calls { list-style: none; margin: 0; padding: 0; overflow-wrap: anywhere; }
.calls li { padding: .1rem 0; } .calls b { font-weight: 600; } .calls .code { margin: .3rem 0; }
summary { cursor: pointer; } .all { margin-top: .5rem; color: var(--quiet); } .all .calls { margin-top: .5rem; }
.line { margin: 0 0 .6rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .2rem 1rem .2rem 0; border-top: 1px solid var(--line); font-weight: 400; overflow-wrap: anywhere; }
th { width: 14rem; color: var(--quiet); }
footer { display: flex; flex-wrap: wrap; gap: .3rem 1.5rem; color: var(--quiet); font-size: .85rem; } footer b { font-weight: 500; }
`;
