import { createServer } from "node:net";
import { Readable } from "node:stream";
import { pieces } from "./content.mjs";

createServer({ noDelay: true }, (socket) => {
  Readable.from(pieces()).pipe(socket);
  socket.on("error", () => socket.destroy());
}).listen(Number(process.env.PORT), "127.0.0.1");
