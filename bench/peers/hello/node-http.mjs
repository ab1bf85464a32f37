// The smallest careful app on node:http: no URL object unless there is a query.
import { createServer } from "node:http";

createServer((request, response) => {
  const mark = request.url.indexOf("?");
  const path = mark < 0 ? request.url : request.url.slice(0, mark);
  if (request.method !== "GET" || path !== "/hello") {
    response.writeHead(404).end();
    return;
  }
  const name = mark < 0 ? null : new URLSearchParams(request.url.slice(mark + 1)).get("name");
  const body = JSON.stringify({ hello: name ?? "world" });
  response.writeHead(200, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) });
  response.end(body);
}).listen(Number(process.env.PORT), "127.0.0.1");
