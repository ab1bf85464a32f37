/** What `export default app` is on Bun, and the settings that Bun takes from the same object. */
import app from "./app.mjs";

export default Object.assign(app, { hostname: "127.0.0.1", port: 0 });
