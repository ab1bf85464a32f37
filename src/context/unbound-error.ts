/** There is no object in the current context where one was asked for. The message says which, and what to do. */
export class UnboundError extends Error {
  override readonly name = "UnboundError";
}
