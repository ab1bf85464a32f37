/**
 * The chat as a program of its own, which says goodbye at Ctrl-C.
 *
 *     node examples/chat/server.ts [HOST:PORT]
 */
import { formatAddress, SocketServer } from "socle/net";
import chat from "./chat.ts";

const server = new SocketServer(chat, { maxConnections: 1000 });
const address = await server.listen(process.argv[2] ?? "127.0.0.1:7000");
console.log(
  `the chat is on ${formatAddress(address)}; try: nc ${address.kind === "tcp" ? `${address.host} ${address.port}` : `-U ${address.path}`}`,
);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, async () => {
    const { finished, aborted } = await server.close({ deadline: 5000 });
    console.log(`closed: ${finished} said goodbye to, ${aborted} cut off`);
  });
}
