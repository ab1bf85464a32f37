/** The results for a reader: on the terminal, and as the Markdown page beside the JSON. */
import { styleText } from "node:util";
import type { Metric } from "./benchmark.ts";
import type { Results, Row, TargetOutcome } from "./results.ts";
import type { Spread } from "./statistics.ts";
import { type Cell, drawTable, markdownTable, type Table } from "./table.ts";

/** Under this share of its core a server was waiting for the load, and requests/s says little about it. */
const busyShare = 0.95;
/** Over this share of one of the two cores for others, a round is named as disturbed. */
const quietShare = 0.05;
/** CPU time by ticks and by the scheduler's clock may lie this far apart. */
const clockTolerance = 0.05;

const metricNames: Record<Metric, string> = {
  cpuPerRequest: "CPU per request",
  requestsPerSecond: "requests/s",
  p99: "p99 latency",
};

const outcomeMarks = { reached: "✓", "not reached": "✗", "not measured": "–" } as const;
const outcomeStyles = { reached: "green", "not reached": "red", "not measured": "yellow" } as const;

export function terminalReport(results: Results, stream: NodeJS.WriteStream): string {
  const parts = [
    `${styleText("bold", results.benchmark, { stream })}: ${results.what}`,
    facts(results).join("\n"),
  ];
  for (const load of results.loads) {
    parts.push(`${styleText("bold", load.name, { stream })}: ${loadLine(load)}`);
    parts.push(drawTable(loadTable(results, load.name), stream));
  }
  const notes = notesOn(results);
  if (notes.length > 0) parts.push(notes.map((note) => `! ${note}`).join("\n"));
  if (results.targets.length > 0) {
    parts.push(
      results.targets
        .map((target) => {
          const mark = `${outcomeMarks[target.outcome]} ${target.outcome}`.padEnd(14);
          return `${styleText(outcomeStyles[target.outcome], mark, { stream })} ${targetLine(target, results)}`;
        })
        .join("\n"),
    );
  }
  return `${parts.join("\n\n")}\n`;
}

export function markdownReport(results: Results): string {
  const parts = [`# ${results.benchmark}`, `Measured: ${results.what}.`];
  for (const load of results.loads) {
    parts.push(`## ${load.name}`, `${loadLine(load)}.`, markdownTable(loadTable(results, load.name)));
  }
  const notes = notesOn(results);
  if (notes.length > 0) parts.push("## To be read with care", bullets(notes));
  if (results.targets.length > 0) {
    parts.push(
      "## Targets",
      bullets(results.targets.map((target) => `**${target.outcome}**: ${targetLine(target, results)}`)),
    );
  }
  parts.push("## How it was measured", bullets(facts(results)));
  parts.push(`Made by \`${results.command}\` from \`${results.benchmark}.json\`, where every round is kept.`);
  return `${parts.join("\n\n")}\n`;
}

function facts({ machine, cores, servers, rounds, seconds, warmUpSeconds, date, commit }: Results): string[] {
  const { cpu, virtual, memoryGiB, system, kernel, loadBefore, wrk } = machine;
  return [
    `${cpu}, ${machine.cores} cores${virtual ? " (virtual machine)" : ""}, ${memoryGiB} GiB, ${system}, ${kernel}, wrk ${wrk}`,
    `server on core ${cores.server}, load on core ${cores.load}; ${rounds} alternating rounds of ${seconds} s ` +
      `after ${warmUpSeconds} s of warm-up, each with a fresh process; medians, [lowest–highest round]`,
    servers.map(({ name, version }) => `${name}: ${version}`).join("; "),
    `${date}, commit ${commit}, load average before ${loadBefore}`,
  ];
}

function loadLine({ what, connections, pipeline }: Results["loads"][number]): string {
  return `${what}, ${connections} connections${pipeline > 1 ? `, ${pipeline} requests pipelined` : ""}`;
}

/** From the least CPU per request to the most, and what is there for scale last. */
function loadTable({ servers, summary }: Results, load: string): Table {
  const subject = servers.find(({ role }) => role === "subject")?.name;
  const isScale = ({ server }: Row): boolean =>
    servers.some(({ name, role }) => name === server && role === "reference");
  const rows = summary.filter((row) => row.load === load).sort(byCpu);
  const ranked = rows.filter((row) => !isScale(row));

  const columns: {
    title: string;
    align: "left" | "right";
    text: (row: Row) => string;
    best?: Row | undefined;
  }[] = [
    {
      title: "server",
      align: "left",
      text: (row) => (isScale(row) ? `${row.server} (for scale)` : row.server),
    },
    {
      title: "CPU µs/request",
      align: "right",
      text: (row) => middle(row.cpuPerRequest),
      best: ranked[0],
    },
    { title: "user", align: "right", text: (row) => middle(row.userPerRequest) },
    { title: "system", align: "right", text: (row) => middle(row.systemPerRequest) },
    { title: "[rounds]", align: "left", text: (row) => range(row.cpuPerRequest) },
    {
      title: "requests/s",
      align: "right",
      text: (row) => Math.round(row.requestsPerSecond.median).toLocaleString("en-US"),
      best: ranked.toSorted((a, b) => b.requestsPerSecond.median - a.requestsPerSecond.median)[0],
    },
    {
      title: "p99 ms",
      align: "right",
      text: (row) => (row.p99.median / 1000).toFixed(2),
      best: ranked.toSorted((a, b) => a.p99.median - b.p99.median)[0],
    },
    { title: "core", align: "right", text: (row) => percent(row.serverShare.median) },
    { title: "errors", align: "right", text: (row) => String(errorCount(row)) },
  ];
  if (rows.some(({ ratios }) => ratios !== undefined)) {
    columns.push(
      {
        title: `CPU, ${subject} ÷ it`,
        align: "left",
        text: ({ ratios }) =>
          ratios ? `${middle(ratios.cpuPerRequest)} ${range(ratios.cpuPerRequest)}` : "",
      },
      {
        title: `requests/s, ${subject} ÷ it`,
        align: "right",
        text: ({ ratios }) => (ratios ? middle(ratios.requestsPerSecond) : ""),
      },
    );
  }
  return {
    columns,
    rows: [...ranked, ...rows.filter(isScale)].map((row) =>
      columns.map(({ text, best }): Cell => ({ text: text(row), best: best === row, faint: isScale(row) })),
    ),
  };
}

/** What makes a figure worth less than it looks. */
function notesOn({ failures, summary, series }: Results): string[] {
  const notes = failures.map(({ server, round, reason }) => `round ${round}: ${reason || server}`);
  for (const row of summary) {
    const kinds = Object.entries(row.errors).filter(([, times]) => times > 0);
    if (kinds.length > 0) {
      notes.push(
        `${row.server}, ${row.load}: errors: ${kinds.map(([kind, times]) => `${kind} ${times}`).join(", ")}`,
      );
    }
  }
  for (const { server, load, samples } of series) {
    const disturbed = samples
      .map((sample) => Math.max(sample.disturbed.serverCore, sample.disturbed.loadCore))
      .filter((share) => share > quietShare);
    if (disturbed.length > 0) {
      notes.push(
        `${server}, ${load}: disturbed in ${disturbed.length} of ${samples.length} rounds: ` +
          `up to ${percent(Math.max(...disturbed))} of a core went to others`,
      );
    }
    const apart = samples.some(
      ({ cpuPerRequest, scheduledPerRequest }) =>
        Math.abs(scheduledPerRequest / cpuPerRequest - 1) > clockTolerance,
    );
    if (apart)
      notes.push(`${server}, ${load}: the scheduler's clock counts another CPU time than the ticks do`);
  }
  const waiting = summary.filter(({ serverShare }) => serverShare.median < busyShare);
  if (waiting.length > 0) {
    const names = [...new Set(waiting.map(({ server }) => server))].join(", ");
    notes.push(
      `the server's core was not full: the load was the bottleneck, or others took the core: ${names}`,
    );
  }
  return notes;
}

function targetLine(
  { load, metric, peer, atMost, atLeast, ratio }: TargetOutcome,
  { servers }: Results,
): string {
  const subject = servers.find(({ role }) => role === "subject")?.name ?? "the subject";
  const limit = atMost === undefined ? `≥ ${atLeast?.toFixed(2)}` : `≤ ${atMost.toFixed(2)}`;
  const measured = ratio === undefined ? "" : `, measured ${ratio.toFixed(2)}`;
  return `${load}: ${metricNames[metric]} of ${subject} ${limit} of ${peer}'s${measured}`;
}

function byCpu(a: Row, b: Row): number {
  return a.cpuPerRequest.median - b.cpuPerRequest.median;
}

function errorCount({ errors }: Row): number {
  return Object.values(errors).reduce((sum, times) => sum + times, 0);
}

function range({ min, max }: Spread): string {
  return `[${min.toFixed(2)}–${max.toFixed(2)}]`;
}

function middle({ median }: Spread): string {
  return median.toFixed(2);
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function bullets(lines: readonly string[]): string {
  return lines.map((line) => `- ${line.replaceAll("\n", "\n  ")}`).join("\n");
}
