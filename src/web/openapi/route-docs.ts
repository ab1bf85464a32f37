/** What a route's options say for its documentation. */

export interface RouteDocs {
  /** What the route does, in a few words. */
  readonly summary?: string;
  /** The same at length, in CommonMark. */
  readonly description?: string;
  /** Under which headings it is listed. */
  readonly tags?: readonly string[];
  /** Whether clients should no longer use it. Default false. */
  readonly deprecated?: boolean;
  /** Leaves the route out of the documentation. Default false. */
  readonly hidden?: boolean;
  /**
   * What statuses it answers with, and what each means: `{ 201: "the new note", 404: "no such note" }`. The `response` schema is that of
   * the first success here; without one, of 200.
   */
  readonly responses?: Readonly<Record<number, string>>;
}
