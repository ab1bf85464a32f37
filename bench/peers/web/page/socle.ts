import { App, html } from "../../../../dist/web/index.js";
import { parts, title } from "./parts.mjs";

export function main() {
  const app = new App();
  app.get(
    "/parts",
    () => html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${title}</title></head>
<body>
<h1>${title}</h1>
<table>
<thead><tr><th>Part</th><th>Note</th><th>Price</th></tr></thead>
<tbody>${parts.map(
      ({ id, name, note, price }) =>
        html`<tr id="part-${id}"><td><a href="/parts/${id}">${name}</a></td><td>${note}</td><td>${price}</td></tr>`,
    )}</tbody>
</table>
</body>
</html>`,
  );
  return app;
}
