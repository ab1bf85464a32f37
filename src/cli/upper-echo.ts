/** What `socle tcp` serves without a handler: it sends everything back in upper case. A first toy to talk to with `nc`. */
import type { Connection } from "../net/connection/connection.ts";

export default async function upperEcho(connection: Connection): Promise<void> {
  for await (const text of connection.text()) await connection.write(text.toUpperCase());
}
