/** The app on a server of Node's own. */
import { createServer } from "node:http";
import { toNodeListener } from "socle/gateway";
import app from "./app.mjs";

const server = createServer(toNodeListener(app));
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
