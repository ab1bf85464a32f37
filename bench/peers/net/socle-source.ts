import { SocketServer } from "../../../dist/net/index.js";
import { pieces } from "./content.mjs";

const server = new SocketServer(async (connection) => {
  for (const piece of pieces()) await connection.write(piece);
});
await server.listen(`127.0.0.1:${process.env.PORT}`);
