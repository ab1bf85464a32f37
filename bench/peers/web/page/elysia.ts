// Without a template engine: a template string, and Bun's own function that escapes.
import { Elysia } from "elysia";
import { parts, title } from "./parts.mjs";

const escaped = Bun.escapeHTML;

new Elysia()
  .get("/parts", ({ set }) => {
    set.headers["content-type"] = "text/html; charset=utf-8";
    return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escaped(title)}</title></head>
<body>
<h1>${escaped(title)}</h1>
<table>
<thead><tr><th>Part</th><th>Note</th><th>Price</th></tr></thead>
<tbody>${parts
      .map(
        ({ id, name, note, price }) =>
          `<tr id="part-${id}"><td><a href="/parts/${id}">${escaped(name)}</a></td><td>${escaped(note)}</td><td>${escaped(price)}</td></tr>`,
      )
      .join("")}</tbody>
</table>
</body>
</html>`;
  })
  .listen({ port: Number(process.env.PORT), hostname: "127.0.0.1" });
