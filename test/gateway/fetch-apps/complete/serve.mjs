/**
 * Serves an application: node serve.mjs APP socle|reference [--fast-fetch] [--features]. Says its port and, on SIGTERM, which of
 * the framework's features were used.
 */
import { pathToFileURL } from "node:url";
import {
  captureServers,
  fetchApplication,
  installFastFetch,
  installFetchBridge,
  nodeApplication,
} from "../../../../dist/gateway/index.js";
import { HttpServer } from "../../../../dist/http/index.js";
import { Features } from "./features.mjs";
import { importPaths, load } from "./packages.mjs";
import { listenFetch } from "./reference.mjs";

const [file, host, ...flags] = process.argv.slice(2);
if (host === "socle") {
  captureServers(null);
  (flags.includes("--fast-fetch") ? installFastFetch : installFetchBridge)();
}
process.on("unhandledRejection", (error) => console.error("UNHANDLED", error));

const framework = await import(pathToFileURL(file).href);
const features = new Features();
const counts = flags.includes("--features");
const modules = new Map();
for (const path of framework.packages.flatMap(importPaths)) {
  if (path.endsWith(".json")) continue;
  try {
    const namespace = await load(path);
    modules.set(path, counts ? features.module(path, namespace) : namespace);
  } catch {
    // Made for another runtime.
    features.declare(path);
  }
}
const use = (path) => {
  const found = modules.get(path);
  if (found === undefined) throw new Error(`${path} can't be loaded`);
  return found;
};
const watch = (name, object) => void (counts && features.watch(name, object));
const app = await framework.makeApp({ use, watch, load });

let port;
if (host === "reference") {
  const { serveReference = (app) => listenFetch((...args) => app.fetch(...args)) } = framework;
  port = await serveReference(app, { use, load });
} else {
  const target = await (framework.target?.(app, { use }) ?? app);
  const application = framework.style === "node" ? nodeApplication(target) : fetchApplication(target);
  const server = new HttpServer((exchange) => application.handleExchange(exchange));
  ({ port } = await server.listen("127.0.0.1:0"));
}
console.log(`port ${port}`);
process.once("SIGTERM", () => {
  console.log(`features ${JSON.stringify(counts ? features.list() : {})}`);
  process.exit();
});
