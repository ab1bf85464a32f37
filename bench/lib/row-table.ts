/** The table of one row: every server with its figures, from the best to the worst. */
import type { Metric } from "./benchmark.ts";
import { metricStyles } from "./metrics.ts";
import { type RowResults, type ServerSummary, type Spreads, summarize } from "./results.ts";
import type { Spread } from "./statistics.ts";
import type { Cell, Table } from "./table.ts";

interface Column {
  title: string;
  align: "left" | "right";
  text: (summary: ServerSummary) => string;
  best?: ServerSummary | undefined;
}

/** What a row is about: the first of these that was measured. */
const leading = ["cpu", "memoryPerConnection", "memoryGrowth", "match"] as const satisfies readonly Metric[];

/** What columns there can be, in this order. */
const shown = [
  "cpu",
  "user",
  "system",
  "rate",
  "p99",
  "memoryPerConnection",
  "memoryGrowth",
  "heldBytes",
  "match",
  "matchStatic",
  "matchParam",
  "matchParams",
  "matchRest",
  "matchMiss",
  "share",
] as const satisfies readonly Metric[];

/** Of these the subject's figure is set beside each peer's. */
const compared = ["cpu", "rate", "memoryPerConnection", "match"] as const satisfies readonly Metric[];

/** Left out of a brief table. */
const details: readonly Metric[] = ["user", "system", "p99", "share"];

/** From the best to the worst by what the row is about, and what is there for scale last. */
export function rowTable(row: RowResults, detail: "full" | "brief" = "full"): Table {
  const { ranked, scale } = rankedServers(row);
  const all = [...ranked, ...scale];
  const has = (metric: Metric): boolean => all.some(({ figures }) => figures[metric] !== undefined);
  const main = leadingMetric(row);
  const [subject, ...otherSubjects] = row.servers.flatMap(({ role, name }) =>
    role === "subject" ? [name] : [],
  );
  const { unit } = row.load;

  const columns: Column[] = [
    {
      title: "server",
      align: "left",
      text: (summary) => (scale.includes(summary) ? `${summary.server} (for scale)` : summary.server),
    },
  ];
  const wanted = (metric: Metric): boolean => detail === "full" || !details.includes(metric);
  for (const metric of shown.filter(has).filter(wanted)) {
    columns.push(figureColumn(metric, unit, ranked));
    if (metric === main) columns.push(rangeColumn(metric));
  }
  if (detail === "full" && all.some((summary) => errorCount(summary) > 0)) {
    columns.push({ title: "errors", align: "right", text: (summary) => String(errorCount(summary)) });
  }
  for (const metric of compared) {
    if (all.some(({ ratios }) => ratios?.[metric] !== undefined)) {
      columns.push(ratioColumn(metric, unit, subject ?? "", metric === main, ratiosOf(all)));
    }
    if (metric !== main) continue;
    for (const other of otherSubjects) {
      columns.push(ratioColumn(metric, unit, other, true, ratiosOf(summarize(row.series, other))));
    }
  }
  return {
    columns,
    rows: all.map((summary) =>
      columns.map(
        ({ text, best }): Cell => ({
          text: text(summary),
          best: best === summary,
          faint: scale.includes(summary),
        }),
      ),
    ),
  };
}

/** The metric that a row's servers are ranked by. */
export function leadingMetric({ summary }: RowResults): Metric {
  return leading.find((metric) => summary.some(({ figures }) => figures[metric] !== undefined)) ?? leading[0];
}

/** The servers that compete, best first, and those that are only there for scale. */
export function rankedServers(row: RowResults): { ranked: ServerSummary[]; scale: ServerSummary[] } {
  const metric = leadingMetric(row);
  const sorted = row.summary.toSorted(
    (a, b) => (a.figures[metric]?.median ?? 0) - (b.figures[metric]?.median ?? 0),
  );
  const isScale = ({ server }: ServerSummary): boolean =>
    row.servers.some(({ name, role }) => name === server && role === "reference");
  return { ranked: sorted.filter((each) => !isScale(each)), scale: sorted.filter(isScale) };
}

export function errorCount({ errors }: ServerSummary): number {
  return Object.values(errors).reduce((sum, times) => sum + times, 0);
}

function figureColumn(metric: Metric, unit: string, ranked: readonly ServerSummary[]): Column {
  const { title, format, better } = metricStyles[metric];
  const sign = better === "less" ? 1 : -1;
  const sorted = ranked
    .filter(({ figures }) => figures[metric] !== undefined)
    .toSorted((a, b) => sign * (a.figures[metric]!.median - b.figures[metric]!.median));
  return {
    title: title(unit),
    align: "right",
    text: ({ figures }) => {
      const spread = figures[metric];
      return spread === undefined ? "" : format(spread.median);
    },
    best: better === "neither" ? undefined : sorted[0],
  };
}

function rangeColumn(metric: Metric): Column {
  const { format } = metricStyles[metric];
  return {
    title: "[rounds]",
    align: "left",
    text: ({ figures }) => {
      const spread = figures[metric];
      return spread === undefined ? "" : `[${format(spread.min)}–${format(spread.max)}]`;
    },
  };
}

/** By server: what one subject's figures are, divided by that server's. */
function ratiosOf(summaries: readonly ServerSummary[]): Map<string, Spreads | undefined> {
  return new Map(summaries.map(({ server, ratios }) => [server, ratios]));
}

function ratioColumn(
  metric: Metric,
  unit: string,
  subject: string,
  withRange: boolean,
  ratios: ReadonlyMap<string, Spreads | undefined>,
): Column {
  const names: { [metric in Metric]?: string } = {
    cpu: "CPU",
    rate: metricStyles.rate.title(unit),
    match: "time",
  };
  const name = names[metric] ?? "memory";
  const text = ({ median, min, max }: Spread): string =>
    withRange ? `${median.toFixed(2)} [${min.toFixed(2)}–${max.toFixed(2)}]` : median.toFixed(2);
  return {
    title: `${name}, ${subject} ÷ it`,
    align: withRange ? "left" : "right",
    text: ({ server }) => {
      const spread = ratios.get(server)?.[metric];
      return spread === undefined ? "" : text(spread);
    },
  };
}
