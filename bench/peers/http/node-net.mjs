// Not a server, but the floor under one on Node: it answers fixed bytes to each chunk that arrives, unread.
import { createServer } from "node:net";

const closes = process.env.CLOSE !== undefined;
const answer = [
  "HTTP/1.1 200 OK",
  "content-type: text/plain; charset=utf-8",
  "content-length: 14",
  "date: Thu, 01 Jan 1970 00:00:00 GMT",
  ...(closes ? ["connection: close"] : []),
  "",
  "Hello, World!\n",
].join("\r\n");

createServer({ noDelay: true }, (socket) => {
  socket.on("data", () => (closes ? socket.end(answer, "latin1") : socket.write(answer, "latin1")));
  socket.on("error", () => socket.destroy());
}).listen(Number(process.env.PORT), "127.0.0.1");
