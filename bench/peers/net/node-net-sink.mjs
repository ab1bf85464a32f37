// The bare pipe.
import { createServer } from "node:net";
import { Writable } from "node:stream";

createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
  let bytes = 0;
  const sink = new Writable({
    write(chunk, _, done) {
      bytes += chunk.length;
      done();
    },
    final(done) {
      socket.end(String(bytes));
      done();
    },
  });
  socket.pipe(sink);
  socket.on("error", () => socket.destroy());
}).listen(Number(process.env.PORT), "127.0.0.1");
