/** The charts of `docs/performance.md`: which rows are in which, and how they are named there. */
import type { Bar, Chart, Panel } from "./chart.ts";
import { metricStyles } from "./metrics.ts";
import type { Results, RowResults, ServerSummary } from "./results.ts";
import { leadingMetric, rankedServers } from "./row-table.ts";

interface ChartPlan {
  benchmark: string;
  title: string;
  /** Rows in reading order, each with the title of its panel. */
  rows: readonly (readonly [row: string, title: string])[];
}

/** By the name of the file in `docs/img/`. */
export const chartPlans: Readonly<Record<string, ChartPlan>> = {
  http: {
    benchmark: "http",
    title: "What an answer costs the server",
    rows: [
      ["hello", "GET hello, the engine alone"],
      ["hello-varied", "GET hello, no two clients alike"],
      ["json", "GET JSON, 100 routes, one parameter"],
      ["post", "POST 1 KiB of JSON, parsed and answered"],
      ["pipelined", "GET JSON, 16 pipelined"],
      ["new-connection", "GET hello, each on a new connection"],
      ["tls", "GET hello over TLS"],
      ["idle", "An idle keep-alive connection"],
      ["upload", "Upload of 100 MiB"],
      ["download", "Download of 100 MiB"],
    ],
  },
  gateway: {
    benchmark: "gateway",
    title: "What the same application costs on each server",
    rows: [
      ["hono-json", "Hono: GET JSON, 100 routes, one parameter"],
      ["hono-post", "A fetch handler: POST 4 KiB of JSON"],
      ["express", "Express: GET JSON, one parameter"],
      ["koa", "Koa: GET JSON, one parameter"],
      ["fastify", "Fastify: GET JSON, one parameter"],
    ],
  },
  net: {
    benchmark: "net",
    title: "What bytes on a socket cost the server",
    rows: [
      ["echo", "Echo of 64-byte messages"],
      ["gigabyte", "One gigabyte through one connection"],
      ["idle", "An idle connection"],
    ],
  },
};

/** The chart of the rows that were measured, or undefined when none was. */
export function planChart({ title, rows }: ChartPlan, results: Results): Chart | undefined {
  const panels = rows.flatMap(([name, panelTitle]): Panel[] => {
    const row = results.rows.find((each) => each.name === name);
    return row === undefined || row.summary.length === 0 ? [] : [panelOf(row, panelTitle)];
  });
  if (panels.length === 0) return undefined;
  return {
    title,
    caption:
      "Shorter is better. Median of the rounds, with the lowest and the highest; 2 × is twice as much as Socle's.",
    panels,
  };
}

function panelOf(row: RowResults, title: string): Panel {
  const { ranked, scale } = rankedServers(row);
  const metric = leadingMetric(row);
  const unit =
    metric === "cpu"
      ? `CPU time per ${row.load.unit}, µs`
      : `memory per ${row.load.unit}, ${metric === "memoryPerConnection" ? "KiB" : "MiB"}`;
  return { title, unit, bars: [...ranked, ...scale].map((summary) => barOf(row, summary)) };
}

function barOf(row: RowResults, { server, figures, ratios }: ServerSummary): Bar {
  const metric = leadingMetric(row);
  const { median, min, max } = figures[metric]!;
  const ratio = ratios?.[metric]?.median;
  return {
    label: server,
    role: row.servers.find(({ name }) => name === server)?.role ?? "peer",
    value: median,
    text: metricStyles[metric].format(median),
    note: ratio === undefined ? "" : `${(1 / ratio).toFixed(2)} ×`,
    ...(metric === "cpu" && figures.user !== undefined ? { ownPart: figures.user.median } : {}),
    lowest: min,
    highest: max,
  };
}
