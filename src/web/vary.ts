/** The `Vary` field (RFC 9110 §12.5.5): what of a request an answer depends on, for the caches on its way. */
import type { Headers } from "../gateway/headers.ts";

/** Says that the answer depends on a field of the request, unless that is said already. What was said stays. */
export function addVary(headers: Headers, field: string): void {
  const value = headers.get("vary");
  if (value === null) headers.set("vary", field);
  else if (!variesBy(value, field)) headers.set("vary", `${value}, ${field}`);
}

/** Whether a `Vary` value names the field; `*` is for all of them. */
export function variesBy(value: string, field: string): boolean {
  for (const item of value.toLowerCase().split(",")) {
    const name = item.trim();
    if (name === "*" || name === field.toLowerCase()) return true;
  }
  return false;
}
