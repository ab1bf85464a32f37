/** `socle routes`: loads an application and prints the map of its routes. */
import type { ListedRoute } from "../gateway/routes.ts";
import { importStringArgument, loadingSettings } from "./application-settings.ts";
import { type Command, defineCommand } from "./command.ts";
import { type Style, styleFor } from "./help.ts";
import { onOff, type SettingsTable } from "./settings.ts";

const settings = {
  json: onOff({ help: "Print JSON, a route a line." }),
  ...loadingSettings,
} satisfies SettingsTable;

export const routesCommand: Command = defineCommand({
  name: "routes",
  summary: "Print the routes of a web application: methods, path, name and handler.",
  argument: importStringArgument,
  settings,
  examples: [
    ["socle routes web.ts", "the map, with what is mounted"],
    ["socle routes web.ts --json", "the same for programs"],
  ],

  async run(app, { json, ...values }) {
    const { CheckError, checkApplication } = await import("../supervisor/check.ts");
    const { description, what, routes } = await checkApplication({
      app,
      ...values,
      interface: values.interface ?? null,
    });
    if (routes === null) {
      throw new CheckError(`${description} is ${what}, and has no way to tell its routes`);
    }
    process.stdout.write(json ? asJson(routes) : asTable(routes, styleFor(process.stdout)));
    return 0;
  },
});

function asJson(routes: readonly ListedRoute[]): string {
  return `[${routes.map((route) => `\n  ${JSON.stringify(route)}`).join(",")}\n]\n`;
}

const titles = ["METHOD", "PATH", "NAME", "HANDLER"] as const;

function asTable(routes: readonly ListedRoute[], style: Style): string {
  if (routes.length === 0) return "no routes\n";
  const rows = routes.map(({ methods, host = "", path, name = "", handler = "" }) => {
    return [methods.join(", "), host + path, name, handler] as const;
  });
  // A column that nobody has something in is left out.
  const columns = titles
    .map((title, index) => ({ title, cells: rows.map((row) => row[index] as string), isFirst: index === 0 }))
    .filter(({ cells }) => cells.some((cell) => cell !== ""))
    .map((column) => ({
      ...column,
      width: Math.max(...[column.title, ...column.cells].map((cell) => cell.length)),
    }));
  const heading = columns.map(({ title, width }) => title.padEnd(width)).join("  ");
  const lines = routes.map(({ mount }, row) => {
    const cells = columns.map(({ cells, width, isFirst }) => {
      const cell = (cells[row] as string).padEnd(width);
      return isFirst ? style.term(cell) : cell;
    });
    if (mount === undefined) return cells.join("  ").trimEnd();
    return [...cells, style.aside(`in ${mount.what} at ${mount.path}`)].join("  ");
  });
  return `${style.heading(heading.trimEnd())}\n${lines.join("\n")}\n`;
}
