import type { IncomingMessage, ServerResponse } from "node:http";

export default (req: IncomingMessage, res: ServerResponse): void => {
  res.writeHead(200, { "Content-Type": "text/plain" });
  res.end(`Hello from ${req.url}!\n`);
};
