/** A reporter for `node --test`: one JSON line for each test, with its whole name. */
import { relative } from "node:path";

/** Files run one after the other, and within one the end of a test is told behind the end of those in it. */
export default async function* report(source) {
  const starts = new Map();
  for await (const { type, data } of source) {
    const { nesting, name, file = "" } = data ?? {};
    if (type === "test:start") {
      const names = [...(starts.get(file) ?? []).slice(0, nesting), name];
      starts.set(file, names);
    } else if (type === "test:pass" || type === "test:fail") {
      if (data.details.type === "suite") continue;
      const names = [...(starts.get(file) ?? []).slice(0, nesting), name];
      const title = [relative(process.cwd(), file), ...names].join(" > ");
      const skipped = data.skip !== undefined || data.todo !== undefined;
      const error =
        type === "test:fail" ? String(data.details.error?.cause ?? data.details.error) : undefined;
      yield `${JSON.stringify({ title, result: skipped ? "skipped" : type.slice(5), error })}\n`;
    }
  }
}
