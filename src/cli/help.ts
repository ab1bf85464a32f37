/** The help texts, made from the commands' declarations. */
import type { WriteStream } from "node:tty";
import type { Command } from "./command.ts";
import { environmentVariableOf, flagOf } from "./settings.ts";

/** How the parts of a help text are set off from each other. */
export interface Style {
  heading(text: string): string;
  term(text: string): string;
  aside(text: string): string;
}

const plain: Style = { heading: (text) => text, term: (text) => text, aside: (text) => text };

const coloured: Style = {
  heading: (text) => `\x1b[1m${text}\x1b[22m`,
  term: (text) => `\x1b[36m${text}\x1b[39m`,
  aside: (text) => `\x1b[2m${text}\x1b[22m`,
};

/** Colour on a terminal that has it, unless NO_COLOR or the like says otherwise. */
export function styleFor(stream: Pick<WriteStream, "isTTY" | "hasColors">): Style {
  const wanted = process.env["NO_COLOR"] === undefined || process.env["NO_COLOR"] === "";
  return stream.isTTY && wanted && stream.hasColors() ? coloured : plain;
}

const width = 80;

type Row = readonly [term: string, text: string, aside?: string];

export function mainHelp(version: string, commands: readonly Command[], style: Style): string {
  return [
    `${style.heading(`Socle ${version}`)}: a TypeScript web stack built from the socket up.\n`,
    `${style.heading("Usage:")} socle COMMAND [OPTIONS]\n`,
    section(
      "Commands",
      commands.map(({ name, summary }): Row => [name, summary]),
      style,
    ),
    section(
      "Options",
      [
        ["-h, --help", "Show this help, or that of a command."],
        ["-V, --version", "Show the version."],
      ],
      style,
    ),
    section(
      "Examples",
      commands.flatMap(({ examples }) => examples.slice(0, 2)),
      style,
    ),
    `'socle COMMAND --help' shows what a command takes.\n`,
  ].join("\n");
}

export function commandHelp(command: Command, style: Style): string {
  const { name, summary, argument, settings, examples } = command;
  const options = Object.entries(settings).map(([key, setting]): Row => {
    const short = setting.short === undefined ? "    " : `-${setting.short}, `;
    const shown = setting.default.map((value) => setting.type.show(value)).join(", ");
    const defaults = shown === "" ? "" : `[default: ${shown}] `;
    return [
      `${short}--${flagOf(key)} ${setting.type.placeholder}`.trimEnd(),
      setting.help,
      `${defaults}[env: ${environmentVariableOf(key)}]`,
    ];
  });
  return [
    `${summary}\n`,
    `${style.heading("Usage:")} socle ${name} ${argument.optional === true ? `[${argument.name}]` : argument.name} [OPTIONS]\n`,
    [style.heading(`${argument.name}:`), ...argument.help.map((line) => `  ${line}`.trimEnd()), ""].join(
      "\n",
    ),
    section("Options", [...options, ["-h, --help", "Show this help."]], style),
    section("Examples", examples, style),
  ].join("\n");
}

function section(title: string, rows: readonly Row[], style: Style): string {
  const column = Math.max(...rows.map(([term]) => term.length)) + 4;
  const indent = " ".repeat(column);
  const lines = rows.flatMap(([term, text, aside]) => {
    const [first = "", ...more] = wrap(text, width - column);
    const asides = aside === undefined ? [] : wrap(aside, width - column).map((line) => style.aside(line));
    const head = `  ${style.term(term)}${" ".repeat(column - 2 - term.length)}${first}`;
    return [head, ...[...more, ...asides].map((line) => indent + line)];
  });
  return `${style.heading(`${title}:`)}\n${lines.join("\n")}\n`;
}

function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines;
}
