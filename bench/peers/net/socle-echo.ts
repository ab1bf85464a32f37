import { SocketServer } from "../../../dist/net/index.js";

const server = new SocketServer(async (connection) => {
  for await (const chunk of connection) await connection.write(chunk);
});
await server.listen(`127.0.0.1:${process.env.PORT}`);
