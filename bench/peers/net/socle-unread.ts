// A handler that reads one chunk and then never again.
import { SocketServer } from "../../../dist/net/index.js";

const server = new SocketServer(async (connection) => {
  await connection.read();
  await new Promise(() => {});
});
await server.listen(`127.0.0.1:${process.env.PORT}`);
