/** What is known of a path that no route takes. */
import type { MatchedPath, ParamValues } from "./path.ts";
import { decodePath } from "./request-path.ts";

const noParams: ParamValues = Object.freeze({});

/** @throws HttpError 400 for a path that no request can have */
export function unmatched(target: string): MatchedPath {
  const mark = target.indexOf("?");
  return { path: decodePath(mark < 0 ? target : target.slice(0, mark)), params: noParams };
}

/** As `unmatched`; a path that is refused is "", so that nobody takes it for another. */
export function unmatchedOrRefused(target: string): MatchedPath {
  try {
    return unmatched(target);
  } catch {
    return { path: "", params: noParams };
  }
}
