/** `socle check`: loads an application and says what it is, its routes, and what is wrong. */
import type { ListedRoute } from "../gateway/routes.ts";
import type { CheckReport } from "../supervisor/check.ts";
import { importStringArgument, loadingSettings } from "./application-settings.ts";
import { type Command, defineCommand } from "./command.ts";
import { type Style, styleFor } from "./help.ts";

export const checkCommand: Command = defineCommand({
  name: "check",
  summary: "Load a web application, and say what it is and what is wrong.",
  argument: importStringArgument,
  settings: loadingSettings,
  examples: [
    ["socle check web.ts", "what it is, and its routes"],
    ["socle check web.ts && socle serve web.ts", "exit code 1 where it can't be served"],
  ],

  async run(app, values) {
    const { checkApplication } = await import("../supervisor/check.ts");
    const report = await checkApplication({ app, ...values, interface: values.interface ?? null });
    process.stdout.write(showReport(report, styleFor(process.stdout)));
    return 0;
  },
});

function showReport(
  { description, kind, what, routes, listens, leftOut }: CheckReport,
  style: Style,
): string {
  const spoken = kind === "socle" ? "" : ` (${kind})`;
  const counted =
    routes === null ? "" : `, with ${routes.length === 1 ? "1 route" : `${routes.length} routes`}`;
  const lines = [`${style.heading(description)} is ${what}${spoken}${counted}.`];
  if (routes !== null && routes.length > 0) lines.push("", ...routeLines(routes, style));
  if (leftOut.length > 0) {
    lines.push("", `It also calls ${leftOut.join(", ")} itself. Under socle serve that is left out.`);
  }
  if (listens) {
    lines.push(
      "",
      "It also listens on a port itself. Leave that to socle serve: several workers can't share the port.",
    );
  }
  return `${lines.join("\n")}\n`;
}

function routeLines(routes: readonly ListedRoute[], style: Style): string[] {
  const rows = routes.map(({ methods, path }) => [methods.join(", "), path] as const);
  const column = Math.max(...rows.map(([methods]) => methods.length));
  return rows.map(([methods, path]) => `  ${style.term(methods.padEnd(column))}  ${path}`);
}
