/** What schemas say is wrong, and where. */
import type { StandardSchemaV1 } from "@standard-schema/spec";

type Issue = StandardSchemaV1.Issue;

/** Where an issue is, as a JSON Pointer (RFC 6901 §3): `/tags/0`; "" for the whole value. */
export function pointerOf({ path }: Issue): string {
  if (path === undefined) return "";
  let pointer = "";
  for (const segment of path) {
    const key = typeof segment === "object" ? segment.key : segment;
    pointer += `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;
  }
  return pointer;
}

/** Issues in one line, for a log: `/tags/0: expected a string; /title: …` */
export function describeIssues(issues: readonly Issue[]): string {
  return issues.map((issue) => `${pointerOf(issue) || "the whole"}: ${issue.message}`).join("; ");
}
