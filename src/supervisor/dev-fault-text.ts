/** Faults as text: for the terminal, and for clients that are no browsers. */
import { type Fault, type Frame, placeOf } from "./dev-fault.ts";
import type { Excerpt } from "./dev-source.ts";

/** How the parts are set off from each other; each gives the text back, in colour or as it is. */
export interface FaultPaint {
  error(text: string): string;
  place(text: string): string;
  quiet(text: string): string;
}

/** Without colour. */
export const noPaint: FaultPaint = { error: (text) => text, place: (text) => text, quiet: (text) => text };

/** Which of the calls are shown: the user's own, or those in packages as well. */
export type Shown = "user" | "all";

/** The error with its place in the source, its calls, and what caused it. Ends with a line break. */
export function faultText(faults: readonly Fault[], shown: Shown, paint: FaultPaint = noPaint): string {
  return faults
    .map((fault) => {
      const relation =
        fault.relation === null ? "" : `${fault.relation[0]!.toUpperCase()}${fault.relation.slice(1)} `;
      return `${paint.quiet(relation)}${paint.error(titleOf(fault))}\n${bodyText(fault, shown, paint)}`;
    })
    .join("\n");
}

/** What stands below the title: the source, the calls, and the error's further properties. */
export function bodyText(fault: Fault, shown: Shown, paint: FaultPaint = noPaint): string {
  const place = placeOf(fault);
  const parts: string[] = [];
  if (place?.excerpt != null) {
    parts.push(`  ${paint.place(whereOf(place))}\n${excerptText(place.excerpt, paint)}`);
  }
  const calls = fault.frames.filter(
    (frame) => frame.owner === "user" || (shown === "all" && frame.owner === "package"),
  );
  // Its place is shown already.
  const lines = calls.filter((frame) => shown === "all" || frame !== place).map(callText);
  const hidden = fault.frames.length - calls.length;
  if (shown === "all" && hidden > 0) {
    lines.push(`(and ${hidden} ${hidden === 1 ? "call" : "calls"} in Node.js and Socle)`);
  }
  if (lines.length > 0) parts.push(lines.map((line) => `    ${paint.quiet(line)}\n`).join(""));
  if (fault.details !== "") parts.push(`${fault.details.replaceAll(/^/gm, "    ")}\n`);
  return parts.join("\n");
}

/** `TypeError: boom` */
export function titleOf({ name, message }: Fault): string {
  return message === "" ? name : `${name}: ${message}`;
}

/** `web.ts:3:9` */
export function whereOf({ file, line, column }: Frame): string {
  return column === null ? `${file}:${line}` : `${file}:${line}:${column}`;
}

function callText(frame: Frame): string {
  return frame.call === "" ? `at ${whereOf(frame)}` : `at ${frame.call} (${whereOf(frame)})`;
}

/** Lines that a text shows around the one in question, which is less than a page does. */
const AROUND = 2;

function excerptText({ line, column, firstLine, lines }: Excerpt, paint: FaultPaint): string {
  const width = String(firstLine + lines.length - 1).length;
  let text = "";
  lines.forEach((source, index) => {
    const number = firstLine + index;
    if (Math.abs(number - line) > AROUND) return;
    const gutter = String(number).padStart(width);
    const code = source.replaceAll("\t", "  ");
    if (number !== line) {
      text += `${paint.quiet(`    ${gutter} │`)} ${code}`.trimEnd();
    } else {
      text += `${paint.error(`  > ${gutter} │`)} ${code}`.trimEnd();
      // A tab takes two columns here.
      const before = column === null ? "" : source.slice(0, column - 1).replaceAll("\t", "  ");
      if (column !== null) {
        text += `\n${paint.quiet(`    ${" ".repeat(width)} │`)} ${" ".repeat(before.length)}${paint.error("^")}`;
      }
    }
    text += "\n";
  });
  return text;
}
