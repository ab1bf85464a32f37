/** As much of a WebSocket (RFC 6455) as short texts need. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";

/** The value of Sec-WebSocket-Accept for a client's key. */
export function acceptOf(key) {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

/** A text as a server sends it. */
export function textFrame(text) {
  return Buffer.concat([Buffer.from([0x81, text.length]), Buffer.from(text)]);
}

/** The text of a frame that a client has sent, which is masked. */
export function readText(frame) {
  const mask = frame.subarray(2, 6);
  return Buffer.from(
    frame.subarray(6, 6 + (frame[1] & 0x7f)).map((byte, i) => byte ^ mask[i % 4]),
  ).toString();
}

/** Opens a socket, waits for "opened", says "hi", and waits for what tells the path. Gives the status and the texts. */
export function talk(path) {
  return async (port) => {
    const headers = {
      connection: "upgrade",
      upgrade: "websocket",
      "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
      "sec-websocket-version": "13",
    };
    const outgoing = request({ host: "127.0.0.1", port, path, headers });
    const refused = once(outgoing, "response");
    refused.catch(() => {});
    outgoing.end();
    const first = await Promise.race([once(outgoing, "upgrade"), refused]);
    const [incoming, socket, head] = first;
    if (socket === undefined) {
      incoming.resume();
      return [incoming.statusCode];
    }
    let received = String(head);
    while (!received.includes("opened")) received += (await once(socket, "data"))[0];
    // A masked text of two bytes, the mask being zeros.
    socket.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]));
    while (!received.includes(path)) received += (await once(socket, "data"))[0];
    socket.destroy();
    return [incoming.statusCode, received.replace(/[^\w/ -]+/g, "|")];
  };
}
