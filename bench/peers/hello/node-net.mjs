// Not a server, but the floor under one on Node: it answers fixed bytes to each chunk that arrives, unread.
import { createServer } from "node:net";

const answer = [
  "HTTP/1.1 200 OK",
  "Content-Type: application/json",
  "Content-Length: 17",
  "Date: Thu, 01 Jan 1970 00:00:00 GMT",
  "",
  '{"hello":"world"}',
].join("\r\n");

createServer({ noDelay: true }, (socket) => {
  socket.on("data", () => socket.write(answer, "latin1"));
  socket.on("error", () => socket.destroy());
}).listen(Number(process.env.PORT), "127.0.0.1");
