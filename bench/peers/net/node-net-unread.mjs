// A data listener that takes one chunk and then pauses.
import { createServer } from "node:net";

createServer({ noDelay: true }, (socket) => {
  socket.on("data", () => socket.pause());
  socket.on("error", () => socket.destroy());
}).listen(Number(process.env.PORT), "127.0.0.1");
