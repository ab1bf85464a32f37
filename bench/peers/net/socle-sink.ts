import { SocketServer } from "../../../dist/net/index.js";

const server = new SocketServer(async (connection) => {
  let bytes = 0;
  for await (const chunk of connection) bytes += chunk.length;
  await connection.write(String(bytes));
});
await server.listen(`127.0.0.1:${process.env.PORT}`);
