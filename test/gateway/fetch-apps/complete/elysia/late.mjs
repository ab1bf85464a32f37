/** A plugin of Elysia's that is loaded while the application runs already. */
export function make(Elysia) {
  return new Elysia().get("/late", () => "loaded late");
}
