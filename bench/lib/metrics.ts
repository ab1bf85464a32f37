/** How each metric is named and written for a reader. */
import type { Figures, Metric } from "./benchmark.ts";

export interface MetricStyle {
  /** In a sentence. */
  name: (unit: string) => string;
  /** Over a column. */
  title: (unit: string) => string;
  /** Without the unit, which stands in the title. */
  format: (value: number) => string;
  /** What is written behind a value that stands alone. */
  suffix: (unit: string) => string;
  /** Which of two values is better, if one is. */
  better: "less" | "more" | "neither";
}

const kibibyte = 2 ** 10;
const mebibyte = 2 ** 20;

const fixed =
  (digits: number, divisor = 1) =>
  (value: number): string =>
    (value / divisor).toFixed(digits);

function time(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}

function perUnit(name: string): (unit: string) => string {
  return (unit) => `${name}/${unit}`;
}

const microseconds = { format: time, suffix: () => " µs", better: "less" } as const;
const nanoseconds = { format: fixed(0, 1e-3), suffix: () => " ns", better: "less" } as const;
const mebibytes = { format: fixed(1, mebibyte), suffix: () => " MiB" } as const;

export const metricStyles: Record<Metric, MetricStyle> = {
  cpu: { ...microseconds, name: (unit) => `CPU time per ${unit}`, title: perUnit("CPU µs") },
  user: { ...microseconds, name: (unit) => `user time per ${unit}`, title: () => "user", better: "neither" },
  system: {
    ...microseconds,
    name: (unit) => `system time per ${unit}`,
    title: () => "system",
    better: "neither",
  },
  scheduled: {
    ...microseconds,
    name: (unit) => `scheduled time per ${unit}`,
    title: () => "scheduled",
    better: "neither",
  },
  rate: {
    name: (unit) => `${plural(unit)}/s`,
    title: (unit) => `${plural(unit)}/s`,
    format: (value) => Math.round(value).toLocaleString("en-US"),
    suffix: () => "",
    better: "more",
  },
  p50: {
    name: () => "median latency",
    title: () => "p50 ms",
    format: fixed(2, 1000),
    suffix: () => " ms",
    better: "less",
  },
  p99: {
    name: () => "p99 latency",
    title: () => "p99 ms",
    format: fixed(2, 1000),
    suffix: () => " ms",
    better: "less",
  },
  share: {
    name: () => "share of its core",
    title: () => "core",
    format: (value) => `${Math.round(value * 100)} %`,
    suffix: () => "",
    better: "neither",
  },
  memoryGrowth: { ...mebibytes, name: () => "growth of memory", title: () => "memory + MiB", better: "less" },
  memoryPerConnection: {
    name: () => "memory per connection",
    title: () => "KiB/connection",
    format: fixed(2, kibibyte),
    suffix: () => " KiB",
    better: "less",
  },
  match: { ...nanoseconds, name: () => "time per match", title: () => "ns/match" },
  matchStatic: { ...nanoseconds, name: () => "time per match of text", title: () => "text" },
  matchParam: { ...nanoseconds, name: () => "time per match of a parameter", title: () => "parameter" },
  matchParams: { ...nanoseconds, name: () => "time per match of two parameters", title: () => "two" },
  matchRest: { ...nanoseconds, name: () => "time per match of a rest", title: () => "rest" },
  matchMiss: { ...nanoseconds, name: () => "time per miss", title: () => "miss" },
  heldBytes: { ...mebibytes, name: () => "bytes held", title: () => "sent MiB", better: "neither" },
};

/** What a reader is shown of one measurement while it goes on. */
export function figuresLine(figures: Figures, unit: string): string {
  const shown: readonly Metric[] = [
    "cpu",
    "rate",
    "memoryPerConnection",
    "memoryGrowth",
    "heldBytes",
    "match",
  ];
  return shown
    .flatMap((metric) => {
      const value = figures[metric];
      return value === undefined
        ? []
        : `${metricStyles[metric].name(unit)} ${valueWithUnit(metric, value, unit)}`;
    })
    .join(", ");
}

export function valueWithUnit(metric: Metric, value: number, unit: string): string {
  const { format, suffix } = metricStyles[metric];
  return `${format(value)}${suffix(unit)}`;
}

function plural(unit: string): string {
  return unit === "MiB" ? unit : `${unit}s`;
}
