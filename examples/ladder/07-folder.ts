/**
 * Rung 7: a folder in the browser.
 *
 * A path in a URL becomes a path on the disk. All the care is in that step: the path is taken apart before it is decoded,
 * no part of it may lead upwards, and what it names in the end, links followed, has to lie in the folder.
 *
 *     node examples/ladder/07-folder.ts FOLDER
 *     curl 127.0.0.1:8000/
 */
import { createReadStream } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { extname, join, sep } from "node:path";
import { Response, sendResponse } from "socle/gateway";
import { type Exchange, HttpServer } from "socle/http";
import { formatAddress, parseAddress } from "socle/net";

const root = await realpath(process.argv[2] ?? ".");

const types: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".gif": "image/gif",
  ".html": "text/html;charset=UTF-8",
  ".jpg": "image/jpeg",
  ".js": "text/javascript",
  ".md": "text/plain;charset=UTF-8",
  ".pdf": "application/pdf",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain;charset=UTF-8",
};

async function answer(exchange: Exchange): Promise<void> {
  const { method, target } = exchange;
  if (method !== "GET" && method !== "HEAD") return exchange.respond(405, ["allow", "GET, HEAD"], null);

  const names = namesOf(target);
  const path = names && (await find(names));
  if (names === undefined || path === undefined) return notFound(exchange);

  const last = names.at(-1) ?? "";
  const info = await stat(path);
  if (info.isDirectory()) {
    if (last === "") await sendResponse(exchange, await listing(path));
    else exchange.respond(301, ["location", `./${encodeURIComponent(last)}/`], null);
  } else if (info.isFile() && last !== "") {
    const headers = {
      "content-type": types[extname(path).toLowerCase()] ?? "application/octet-stream",
      "content-length": String(info.size),
      "x-content-type-options": "nosniff",
    };
    await sendResponse(exchange, new Response(bytesOf(path, info.size), { headers }));
  } else {
    notFound(exchange); // a pipe, a device, a file as if it were a folder
  }
}

function notFound(exchange: Exchange): void {
  exchange.respond(404, ["content-type", "text/plain"], "There is no such file.\n");
}

/** The names in a URL's path, decoded; undefined where one leads upwards, or to what is hidden, or is malformed. */
function namesOf(target: string): string[] | undefined {
  const [path = ""] = target.split("?", 1);
  try {
    const names = path.split("/").slice(1).map(decodeURIComponent);
    return names.some((name) => name.startsWith(".") || /[/\\\0]/.test(name)) ? undefined : names;
  } catch {
    return undefined; // not percent-encoded UTF-8
  }
}

/** Where that is on the disk, links followed; undefined where there is nothing, or it is not in the folder. */
async function find(names: readonly string[]): Promise<string | undefined> {
  const path = await realpath(join(root, ...names)).catch(() => undefined);
  return path === root || path?.startsWith(root.endsWith(sep) ? root : root + sep) ? path : undefined;
}

/** Opened when the first piece is asked for, and closed with the last or when the client has gone. */
async function* bytesOf(path: string, size: number): AsyncGenerator<Uint8Array> {
  if (size > 0) yield* createReadStream(path, { end: size - 1 });
}

async function listing(path: string): Promise<Response> {
  const entries = (await readdir(path, { withFileTypes: true })).filter(({ name }) => !name.startsWith("."));
  const items = entries.map((entry) => {
    const slash = entry.isDirectory() ? "/" : "";
    return `<li><a href="./${encodeURIComponent(entry.name)}${slash}">${escapeHtml(entry.name)}${slash}</a>\n`;
  });
  const title = escapeHtml(path.slice(root.length) || "/");
  const page = `<!doctype html><meta charset="utf-8"><title>${title}</title><h1>${title}</h1>\n<ul>\n${items.sort().join("")}</ul>\n`;
  return new Response(page, {
    headers: { "content-type": "text/html;charset=UTF-8", "content-security-policy": "default-src 'none'" },
  });
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const server = new HttpServer(answer);
const address = await server.listen(parseAddress(process.argv[3] ?? "127.0.0.1:8000"));
console.log(`${root} on http://${formatAddress(address)}/`);
