/**
 * Rung 3: threads.
 *
 * Four threads accept on the same socket. Ask for 9999999 in one terminal, and meanwhile for 10 in another: the first
 * keeps one thread busy for a while, and the second is answered by another at once.
 *
 *     node examples/ladder/03-threads.ts
 *     nc 127.0.0.1 8000
 *
 * The same without this file: npx socle tcp examples/ladder/03-primes.ts -b :8000 --model threads:4
 */
import { formatAddress, SocketServer } from "socle/net";

const handler = { module: new URL("./03-primes.ts", import.meta.url) };
const server = new SocketServer(handler, { model: { threads: 4 } });

const address = await server.listen(process.argv[2] ?? "127.0.0.1:8000");
console.log(`listening on ${formatAddress(address)}`);
