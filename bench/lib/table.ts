/** A table of text, drawn for a terminal or as Markdown. */
import { styleText } from "node:util";

export interface Table {
  columns: readonly { title: string; align: "left" | "right" }[];
  rows: readonly (readonly Cell[])[];
}

export interface Cell {
  text: string;
  /** The best of its column. */
  best?: boolean;
  /** Beside the point: there for scale. */
  faint?: boolean;
}

/** Styles are left out where the stream is no terminal, or its user wants none (`NO_COLOR`). */
export function drawTable(table: Table, stream: NodeJS.WriteStream): string {
  const widths = columnWidths(
    table.columns,
    table.rows.map((cells) => cells.map(({ text }) => text)),
  );
  const draw = (cells: readonly Cell[]): string =>
    cells
      .map((cell, i) => style(pad(cell.text, widths[i]!, table.columns[i]!.align), cell, stream))
      .join("  ")
      .trimEnd();
  const titles = table.columns.map(({ title, align }, i) => pad(title, widths[i]!, align)).join("  ");
  const rule = widths.map((width) => "─".repeat(width)).join("──");
  return [titles.trimEnd(), rule, ...table.rows.map(draw)].join("\n");
}

/** Aligned as the repository's formatter would align it. */
export function markdownTable({ columns, rows }: Table): string {
  const marked = rows.map((cells) =>
    cells.map(({ text, best, faint }) =>
      text === "" ? "" : best ? `**${text}**` : faint ? `_${text}_` : text,
    ),
  );
  const widths = columnWidths(columns, marked);
  const line = (texts: readonly string[]): string =>
    `| ${texts.map((text, i) => pad(text, widths[i]!, columns[i]!.align)).join(" | ")} |`;
  const rule = columns.map(({ align }, i) => {
    const dashes = "-".repeat(widths[i]! - 1);
    return align === "right" ? `${dashes}:` : `:${dashes}`;
  });
  return [line(columns.map(({ title }) => title)), line(rule), ...marked.map(line)].join("\n");
}

function columnWidths(columns: Table["columns"], rows: readonly (readonly string[])[]): number[] {
  return columns.map(({ title }, i) => Math.max(title.length, ...rows.map((texts) => texts[i]!.length)));
}

function pad(text: string, width: number, align: "left" | "right"): string {
  return align === "right" ? text.padStart(width) : text.padEnd(width);
}

function style(text: string, { best, faint }: Cell, stream: NodeJS.WriteStream): string {
  if (best) return styleText(["bold", "green"], text, { stream });
  return faint ? styleText("dim", text, { stream }) : text;
}
