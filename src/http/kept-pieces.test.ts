import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { TcpAddress } from "../net/address.ts";
import { HttpServer } from "./server.ts";

test("pieces of a body are the reader's to keep, however many come after them", async () => {
  const content = randomBytes(800_000);
  let kept: Uint8Array[] = [];
  const server = new HttpServer(async (exchange) => {
    kept = [];
    for (let piece = await exchange.body?.read(); piece != null; piece = await exchange.body?.read())
      kept.push(piece);
    exchange.respond(200, [], String(kept.length));
  });
  onTestFinished(async () => void (await server.close()));
  const { port } = (await server.listen("127.0.0.1:0")) as TcpAddress;
  const socket = connect(port, "127.0.0.1");
  socket.write(
    `POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: ${content.length}\r\n\r\n`,
  );
  socket.write(content);
  let answer = "";
  for await (const chunk of socket.setEncoding("latin1")) answer += chunk;
  const [count] = /\d+$/.exec(answer) ?? [];
  expect(Number(count)).toBeGreaterThan(1);
  expect(Buffer.concat(kept).equals(content)).toBe(true);
});
