import { ask } from "../cases.mjs";

export function lifecycle({ Elysia }) {
  const seen = [];
  const inner = new Elysia({ name: "lifecycle", prefix: "/in" })
    .onStart(() => void seen.push("start"))
    .onStop(() => void seen.push("stop"))
    .onRequest(({ request, set }) => {
      set.headers["x-hook"] = "1";
      seen.push(`request ${request.method}`);
    })
    .onTransform(() => void seen.push("transform"))
    .onBeforeHandle(({ query }) => {
      seen.push("before");
      return query.early === undefined ? undefined : "early";
    })
    .onAfterHandle(({ response }) => {
      seen.push("after");
      return response === "replace" ? "replaced" : undefined;
    })
    .mapResponse(({ response, responseValue }) => {
      seen.push("map");
      return (responseValue ?? response) === "mapped"
        ? new Response("mapped by the hook", { headers: { "x-mapped": "1" } })
        : undefined;
    })
    .onAfterResponse(() => void seen.push("sent"))
    .onError(({ error }) => {
      seen.push(`error ${error.message}`);
    })
    .on("beforeHandle", () => void seen.push("on"))
    .trace(({ onHandle }) => {
      onHandle(({ onStop }) => onStop(({ error }) => seen.push(`traced ${error === null}`)));
    })
    .get("/fine", () => "fine", {
      beforeHandle: [() => void seen.push("own before")],
      afterHandle: () => void seen.push("own after"),
    })
    .get("/replace", () => "replace")
    .get("/mapped", () => "mapped")
    .get("/throws", () => {
      throw new Error("thrown");
    });
  return new Elysia({ prefix: "/lifecycle" })
    .use(inner)
    .get("/seen", () => [...new Set(seen.splice(0))].sort());
}

export const cases = [
  ask("GET /lifecycle/in/fine", 200, "fine", { "x-hook": "1" }),
  ask("GET /lifecycle/in/fine?early", 200, "early"),
  ask("GET /lifecycle/in/replace", 200, "replaced"),
  ask("GET /lifecycle/in/mapped", 200, "mapped by the hook", { "x-mapped": "1" }),
  ask("GET /lifecycle/in/throws", 500, "thrown"),
  ask(
    "GET /lifecycle/seen",
    200,
    /"after".*"before".*"error thrown".*"map".*"own after".*"own before".*"request GET".*"sent".*"transform"/,
  ),
];
