const certificate = Deno.env.get("TLS_CERT");
const key = Deno.env.get("TLS_KEY");
const tls =
  certificate && key ? { cert: Deno.readTextFileSync(certificate), key: Deno.readTextFileSync(key) } : {};

Deno.serve(
  { hostname: "127.0.0.1", port: Number(Deno.env.get("PORT")), ...tls },
  () => new Response("Hello, World!\n"), // text/plain;charset=UTF-8
);
