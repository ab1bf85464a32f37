// Deno.serve has no router of its own; no URL object unless there is a query.
Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.env.get("PORT")) }, (request) => {
  const url = request.url;
  const start = url.indexOf("/", url.indexOf("//") + 2);
  const mark = url.indexOf("?", start);
  const path = mark < 0 ? url.slice(start) : url.slice(start, mark);
  if (request.method !== "GET" || path !== "/hello") return new Response(null, { status: 404 });
  const name = mark < 0 ? null : new URLSearchParams(url.slice(mark + 1)).get("name");
  return Response.json({ hello: name ?? "world" });
});
