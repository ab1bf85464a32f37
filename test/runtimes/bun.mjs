/** An app on Bun: what Bun is to serve, and the settings that it takes from the same object. */
import app from "./app.mjs";

export default { fetch: app.fetch, hostname: "127.0.0.1", port: 0 };
