const { PORT, TLS_CERT, TLS_KEY } = process.env;

Bun.serve({
  hostname: "127.0.0.1",
  port: Number(PORT),
  idleTimeout: 60,
  ...(TLS_CERT && TLS_KEY ? { tls: { cert: Bun.file(TLS_CERT), key: Bun.file(TLS_KEY) } } : {}),
  fetch: () => new Response("Hello, World!\n"), // text/plain;charset=utf-8
});
