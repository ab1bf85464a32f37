import { contentBytes, piece, pieceBytes } from "./content.mjs";

Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.env.PORT),
  maxRequestBodySize: contentBytes,
  fetch: (request) => (request.method === "POST" ? upload(request) : download()),
});

async function upload(request: Request): Promise<Response> {
  let bytes = 0;
  for await (const chunk of request.body!) bytes += chunk.length;
  return new Response(String(bytes));
}

function download(): Response {
  let sent = 0;
  const body = new ReadableStream({
    pull(controller) {
      controller.enqueue(piece);
      sent += pieceBytes;
      if (sent === contentBytes) controller.close();
    },
  });
  return new Response(body, {
    headers: { "content-type": "application/octet-stream", "content-length": String(contentBytes) },
  });
}
