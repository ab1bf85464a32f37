import type { Row } from "../../lib/benchmark.ts";
import { browserHeaders } from "../../lib/browser.ts";
import { aheadOfAll, peersOf, socle } from "./servers.ts";

const peers = peersOf("upload", {
  packages: {
    Fastify: ["@fastify/multipart"],
    Express: ["multer"],
    Koa: ["@koa/multer", "multer"],
  },
});

const boundary = "----WebKitFormBoundary7MA4YWxkTrZu0gW3";
const before = Buffer.from(
  [
    `--${boundary}`,
    'Content-Disposition: form-data; name="title"',
    "",
    "Cat",
    `--${boundary}`,
    'Content-Disposition: form-data; name="picture"; filename="cat.jpg"',
    "Content-Type: image/jpeg",
    "",
    "",
  ].join("\r\n"),
);
const after = Buffer.from(`\r\n--${boundary}--\r\n`);
// With all around it 1 MiB, which is what several of the servers take by default.
const content = noise(2 ** 20 - before.length - after.length);

export const uploadRow: Row = {
  name: "upload",
  what: "POST a form of 1 MiB with a text and a file, whose content is taken as a whole",
  servers: [socle("upload"), ...peers],
  load: {
    kind: "requests",
    requests: [
      {
        method: "POST",
        target: "/pictures",
        headers: [...browserHeaders, ["Content-Type", `multipart/form-data; boundary=${boundary}`]],
        body: Buffer.concat([before, content, after]),
      },
    ],
    answer: {
      status: 200,
      body: JSON.stringify({ title: "Cat", size: content.length, last: content.at(-1) }),
    },
    connections: 16,
  },
  targets: [aheadOfAll(peers)],
};

/** Bytes as a compressed picture has them: all values, equally often. Always the same ones (Marsaglia's xorshift). */
function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 1;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state >>> 24;
  }
  return bytes;
}
