/** The results for a reader: on the terminal, and as the Markdown page beside the JSON. */
import { styleText } from "node:util";
import { metricStyles, valueWithUnit } from "./metrics.ts";
import type { Results, RowResults, TargetOutcome } from "./results.ts";
import { rowTable } from "./row-table.ts";
import { drawTable, markdownTable } from "./table.ts";

/** Under this share of its core a server was waiting for the load, and its rate says little about it. */
const busyShare = 0.95;
/** Over this share of one of the two cores for others, a round is named as disturbed. */
const quietShare = 0.05;
/** CPU time by ticks and by the scheduler's clock may lie this far apart. */
const clockTolerance = 0.05;

const outcomeMarks = { reached: "✓", "not reached": "✗", "not measured": "–" } as const;
const outcomeStyles = { reached: "green", "not reached": "red", "not measured": "yellow" } as const;

/** One row, as soon as it is done. */
export function terminalReport(row: RowResults, stream: NodeJS.WriteStream): string {
  const parts = [
    `${styleText("bold", row.name, { stream })}: ${describeRow(row)}`,
    drawTable(rowTable(row), stream),
  ];
  const notes = notesOn(row);
  if (notes.length > 0) parts.push(notes.map((note) => `! ${note}`).join("\n"));
  if (row.targets.length > 0) {
    parts.push(
      row.targets
        .map((target) => {
          const mark = `${outcomeMarks[target.outcome]} ${target.outcome}`.padEnd(14);
          return `${styleText(outcomeStyles[target.outcome], mark, { stream })} ${targetLine(target, row)}`;
        })
        .join("\n"),
    );
  }
  return `${parts.join("\n\n")}\n`;
}

export function markdownReport({ benchmark, what, rows }: Results): string {
  const parts = [`# ${benchmark}`, `Measured: ${what}.`];
  for (const row of rows) {
    parts.push(`## ${row.name}`, `${describeRow(row)}.`, markdownTable(rowTable(row)));
    if (row.targets.length > 0) parts.push(bullets(targetLines(row)));
    const notes = notesOn(row);
    if (notes.length > 0) parts.push("To be read with care:", bullets(notes));
  }
  parts.push("## How it was measured", bullets(facts(rows)));
  parts.push(`Made from \`${benchmark}.json\`, where every round is kept.`);
  return `${parts.join("\n\n")}\n`;
}

/** What a client does in this row, and over how many connections. */
export function describeRow({ what, load: { kind, connections, pipeline } }: RowResults): string {
  const parts = [what];
  if (kind === "requests" || kind === "echo" || kind === "idle") {
    parts.push(`${connections.toLocaleString("en-US")} connections`);
  }
  if (pipeline > 1) parts.push(`${pipeline} requests pipelined`);
  return parts.join(", ");
}

function targetLines(row: RowResults): string[] {
  return row.targets.map((target) => `**${target.outcome}**: ${targetLine(target, row)}`);
}

/** On which machine, how, with which versions, and when. */
export function facts(rows: readonly RowResults[]): string[] {
  const lines = rows.flatMap(({ machine, cores, rounds, seconds, warmUpSeconds }) => [
    `${machine.cpu}, ${machine.cores} cores${machine.virtual ? " (virtual machine)" : ""}, ${machine.memoryGiB} GiB, ` +
      `${machine.system}, ${machine.kernel}, wrk ${machine.wrk}`,
    `server on core ${cores.server}, load on core ${cores.load}; ${rounds} alternating rounds of ${seconds} s ` +
      `after ${warmUpSeconds} s of warm-up, each with a fresh process; medians, [lowest–highest round]`,
  ]);
  const versions = rows.flatMap(({ servers }) => servers.map(({ name, version }) => `${name}: ${version}`));
  const runs = rows.map(
    ({ name, date, commit, machine }) =>
      `${name}: ${date}, commit ${commit}, load average before ${machine.loadBefore}`,
  );
  return [...new Set(lines), [...new Set(versions)].join("; "), ...runs];
}

/** What makes a figure worth less than it looks. */
export function notesOn({ failures, summary, series, load: { unit } }: RowResults): string[] {
  const notes = failures.map(({ server, round, reason }) => `round ${round}: ${reason || server}`);
  for (const { server, errors } of summary) {
    const kinds = Object.entries(errors).filter(([, times]) => times > 0);
    if (kinds.length > 0) {
      notes.push(`${server}: errors: ${kinds.map(([kind, times]) => `${kind} ${times}`).join(", ")}`);
    }
  }
  notes.push(...disturbances(series));
  const apart = series.filter(({ samples }) =>
    samples.some(
      ({ figures: { cpu, scheduled } }) =>
        cpu !== undefined && scheduled !== undefined && Math.abs(scheduled / cpu - 1) > clockTolerance,
    ),
  );
  if (apart.length > 0) {
    notes.push(`the scheduler's clock counts another CPU time than the ticks do: ${namesOf(apart)}`);
  }
  const waiting = summary.filter(({ figures: { share } }) => share !== undefined && share.median < busyShare);
  if (waiting.length > 0) {
    notes.push(
      `the load was the bottleneck, or others took the core, so that ${metricStyles.rate.name(unit)} says little: ${namesOf(waiting)}`,
    );
  }
  return notes;
}

/** One line for all that other processes or other guests disturbed. */
function disturbances(series: RowResults["series"]): string[] {
  let most = 0;
  const names = series.flatMap(({ server, samples }) => {
    const shares = samples
      .map(({ disturbed }) => Math.max(disturbed.serverCore, disturbed.loadCore))
      .filter((share) => share > quietShare);
    most = Math.max(most, ...shares);
    return shares.length === 0 ? [] : [`${server} (${shares.length} of ${samples.length} rounds)`];
  });
  if (names.length === 0) return [];
  return [`up to ${Math.round(most * 100)} % of a core went to others: ${names.join(", ")}`];
}

function namesOf(list: readonly { server: string }[]): string {
  return list.map(({ server }) => server).join(", ");
}

function targetLine(target: TargetOutcome, row: RowResults): string {
  const { claim, measured } = targetTexts(target, row);
  return measured === "" ? claim : `${claim}; measured ${measured}`;
}

/** What a target says, and what came of it. */
export function targetTexts(
  { metric, atMost, atLeast, atMostMore, peers, measured, decidedBy, missing, subject: named }: TargetOutcome,
  { servers, load: { unit } }: RowResults,
): { claim: string; measured: string } {
  const subject = named ?? servers.find(({ role }) => role === "subject")?.name ?? "the subject";
  const limit = atMost ?? atLeast ?? atMostMore ?? 0;
  const sign = atLeast === undefined ? "≤" : "≥";
  const isRatio = peers !== undefined && atMostMore === undefined;
  const write = (value: number): string => (isRatio ? value.toFixed(2) : valueWithUnit(metric, value, unit));
  const of = atMostMore === undefined ? "of" : "more than";
  const others = peers === undefined ? "" : ` ${of} ${peersText(peers, servers)}`;
  const by = decidedBy !== undefined && peers?.length !== 1 ? ` ${of} ${decidedBy}'s` : "";
  const without =
    missing === undefined
      ? ""
      : `without ${missing.length > 3 ? `${missing.length} peers` : missing.join(", ")}`;
  return {
    claim: `${metricStyles[metric].name(unit)} of ${subject} ${sign} ${write(limit)}${others}`,
    measured: [measured === undefined ? "" : `${write(measured)}${by}`, without].filter(Boolean).join(", "),
  };
}

function peersText(peers: readonly string[], servers: RowResults["servers"]): string {
  if (peers.length === 1) return `${peers[0]}'s`;
  const all = servers.filter(({ role }) => role === "peer").map(({ name }) => name);
  return all.length === peers.length && all.every((name) => peers.includes(name))
    ? "every peer's"
    : `${peers.slice(0, -1).join("'s, ")}'s and ${peers.at(-1)}'s`;
}

function bullets(lines: readonly string[]): string {
  return lines.map((line) => `- ${line.replaceAll("\n", "\n  ")}`).join("\n");
}
