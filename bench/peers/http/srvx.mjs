// h3's server, and Nitro's: fetch handlers on node:http, with a Response of its own that Node need not make streams of.
import { FastResponse, serve } from "srvx/node";

const headers = { "content-type": "text/plain; charset=utf-8" };

serve({
  hostname: "127.0.0.1",
  port: Number(process.env.PORT),
  silent: true,
  fetch: () => new FastResponse("Hello, World!\n", { headers }),
});
