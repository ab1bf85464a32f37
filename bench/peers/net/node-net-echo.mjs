import { createServer } from "node:net";

createServer({ noDelay: true }, (socket) => {
  socket.on("data", (chunk) => socket.write(chunk));
  socket.on("error", () => socket.destroy());
}).listen(Number(process.env.PORT), "127.0.0.1");
