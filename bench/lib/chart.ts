/** Charts of results, as SVG that can be read on light and on dark pages: bars, in a panel for each row. */

export interface Chart {
  title: string;
  /** Under the title: what the bars are. */
  caption: string;
  panels: readonly Panel[];
}

export interface Panel {
  title: string;
  /** What a bar's length is. */
  unit: string;
  bars: readonly Bar[];
}

export interface Bar {
  label: string;
  /** The one that the chart is about, one that it is compared with, or one that only gives scale. */
  role: "subject" | "peer" | "reference";
  value: number;
  /** The value as it is written at the bar's end. */
  text: string;
  /** Behind the value, fainter. */
  note: string;
  /** How much of the value is the program's own, and not the kernel's. */
  ownPart?: number;
  lowest: number;
  highest: number;
}

const width = 960;
const margin = 28;
const gap = 40;
const panelWidth = (width - 2 * margin - gap) / 2;
const leastLabelWidth = 104;
/** No more can be known of a label's width: the reader's system has the font. */
const characterWidth = 7.2;
const textWidth = 104;
const lineHeight = 23;
const barHeight = 14;
const headHeight = 96;
const panelHeadHeight = 50;
const panelGap = 30;

/** Follows the reader's system, and has a ground of its own, so that it is legible on whatever page it is shown. */
export function drawChart({ title, caption, panels }: Chart, theme: "auto" | Theme = "auto"): string {
  const pairs = Array.from({ length: Math.ceil(panels.length / 2) }, (_, i) =>
    panels.slice(2 * i, 2 * i + 2),
  );
  const labels = widthOfLabels(panels);
  let y = headHeight;
  const drawn = pairs.map((pair) => {
    const parts = pair.map((panel, i) => drawPanel(panel, margin + i * (panelWidth + gap), y, labels));
    y += Math.max(...pair.map(panelHeight)) + panelGap;
    return parts.join("\n");
  });
  const height = y - panelGap + margin;
  const hasParts = panels.some(({ bars }) => bars.some(({ ownPart }) => ownPart !== undefined));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeText(title)}">
<style>
${theme === "auto" ? `${style("light")}\n@media (prefers-color-scheme: dark) {\n${style("dark")}\n}` : style(theme)}
text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif; font-size: 13px; }
.title { font-size: 21px; font-weight: 650; }
.panel { font-size: 15px; font-weight: 600; }
.small { font-size: 12px; }
.value { font-variant-numeric: tabular-nums; }
.strong { font-weight: 650; }
.range { stroke-width: 1.2; fill: none; }
</style>
<rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="12"/>
<text class="text title" x="${margin}" y="44">${escapeText(title)}</text>
<text class="faint" x="${margin}" y="66">${escapeText(caption)}</text>
${hasParts ? legend(width - margin, 38) : ""}
${drawn.join("\n")}
</svg>
`;
}

/** The same in all panels, so that what stands below each other begins at one line. */
function widthOfLabels(panels: readonly Panel[]): number {
  const longest = Math.max(...panels.flatMap(({ bars }) => bars.map(({ label }) => label.length)));
  return Math.max(leastLabelWidth, Math.ceil(longest * characterWidth) + 10);
}

function drawPanel({ title, unit, bars }: Panel, x: number, y: number, labels: number): string {
  const longest = Math.max(...bars.map(({ value, highest }) => Math.max(value, highest)));
  const scale = longest > 0 ? (panelWidth - labels - textWidth) / longest : 0;
  const left = x + labels;
  const lines = bars.map((bar, i) => drawBar(bar, left, y + panelHeadHeight + i * lineHeight, scale));
  const bottom = y + panelHeadHeight + bars.length * lineHeight;
  return `<text class="text panel" x="${x}" y="${y + 16}">${escapeText(title)}</text>
<text class="faint small" x="${x}" y="${y + 34}">${escapeText(unit)}</text>
<path class="axis" d="M${left - 0.5} ${y + panelHeadHeight - 4}V${bottom}"/>
${lines.join("\n")}`;
}

function drawBar(
  { label, role, value, text, note, ownPart, lowest, highest }: Bar,
  left: number,
  y: number,
  scale: number,
): string {
  const middle = y + lineHeight / 2;
  const top = middle - barHeight / 2;
  const length = Math.max(1, value * scale);
  const own = ownPart === undefined ? length : Math.min(length, ownPart * scale);
  const baseline = middle + 4.5;
  const end = left + Math.max(length, highest * scale) + 8;
  const emphasis = role === "subject" ? " strong" : "";
  const parts = [
    `<text class="${role === "reference" ? "faint" : "text"}${emphasis}" x="${left - 10}" y="${baseline}" text-anchor="end">${escapeText(label)}</text>`,
    `<rect class="${role} own" x="${left}" y="${round(top)}" width="${round(own)}" height="${barHeight}"/>`,
  ];
  if (length - own >= 0.1) {
    parts.push(
      `<rect class="${role} kernel" x="${round(left + own)}" y="${round(top)}" width="${round(length - own)}" height="${barHeight}"/>`,
    );
  }
  if ((highest - lowest) * scale > 3) {
    const [from, to] = [round(left + lowest * scale), round(left + highest * scale)];
    parts.push(
      `<path class="range" d="M${from} ${middle}H${to}M${from} ${middle - 3}v6M${to} ${middle - 3}v6"/>`,
    );
  }
  parts.push(
    `<text class="text value${emphasis}" x="${round(end)}" y="${baseline}">${escapeText(text)}${
      note === "" ? "" : `<tspan class="faint small" dx="7">${escapeText(note)}</tspan>`
    }</text>`,
  );
  return parts.join("\n");
}

function panelHeight({ bars }: Panel): number {
  return panelHeadHeight + bars.length * lineHeight;
}

function legend(right: number, y: number): string {
  const x = right - 262;
  return `<rect class="subject own" x="${x}" y="${y - 10}" width="14" height="12"/><rect class="peer own" x="${x + 14}" y="${y - 10}" width="14" height="12"/>
<text class="faint small" x="${x + 36}" y="${y}">the program</text>
<rect class="subject kernel" x="${x + 126}" y="${y - 10}" width="14" height="12"/><rect class="peer kernel" x="${x + 140}" y="${y - 10}" width="14" height="12"/>
<text class="faint small" x="${x + 162}" y="${y}">the kernel, for it</text>`;
}

type Theme = "light" | "dark";

const colours = {
  light: {
    ground: "#ffffff",
    border: "#d5dae1",
    text: "#1b2330",
    faint: "#5c6878",
    axis: "#c3cad4",
    subject: "#d9480f",
    subjectKernel: "#f7b48e",
    peer: "#64748b",
    peerKernel: "#bcc6d3",
    reference: "#94a3b8",
    referenceKernel: "#dde3ea",
  },
  dark: {
    ground: "#14181f",
    border: "#303846",
    text: "#e7ecf3",
    faint: "#98a5b6",
    axis: "#3d4757",
    subject: "#ff8a4c",
    subjectKernel: "#8f4a26",
    peer: "#8da0b9",
    peerKernel: "#465468",
    reference: "#5f6f85",
    referenceKernel: "#323c4b",
  },
} as const satisfies Record<Theme, Record<string, string>>;

function style(theme: Theme): string {
  const colour = colours[theme];
  return [
    `.ground { fill: ${colour.ground}; stroke: ${colour.border}; }`,
    `.text { fill: ${colour.text}; }`,
    `.faint { fill: ${colour.faint}; }`,
    `.axis { stroke: ${colour.axis}; }`,
    `.range { stroke: ${colour.text}; }`,
    ...(["subject", "peer", "reference"] as const).flatMap((role) => [
      `.${role}.own { fill: ${colour[role]}; }`,
      `.${role}.kernel { fill: ${colour[`${role}Kernel`]}; }`,
    ]),
  ].join("\n");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
