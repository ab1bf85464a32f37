/** Serves one of the applications: node serve.mjs APP [FRAMEWORK'S MODULE] [--fast-fetch]. Says its port. */
import { pathToFileURL } from "node:url";
import { fetchApplication, installFastFetch } from "../../../dist/gateway/index.js";
import { HttpServer } from "../../../dist/http/index.js";

const [app, framework] = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
if (process.argv.includes("--fast-fetch")) installFastFetch();
const { makeApp } = await import(`./${app}.mjs`);
const library = framework === undefined ? {} : await import(pathToFileURL(framework).href);
const application = fetchApplication(makeApp(library));
const server = new HttpServer((exchange) => application.handleExchange(exchange));
const { port } = await server.listen("127.0.0.1:0");
console.log(`port ${port}`);
process.on("unhandledRejection", (error) => console.error("UNHANDLED", error));
