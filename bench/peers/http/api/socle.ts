import { App } from "../../../../dist/web/index.js";
import { create, list, remove, resources, show } from "./resources.mjs";

export function main() {
  const app = new App();
  for (const name of resources) {
    app.get(`/api/${name}`, () => list(name));
    app.post(`/api/${name}`, async (request) => create(name, await request.json()));
    app.get(`/api/${name}/<int:id>`, ({ params }) => show(name, params.id));
    app.put(`/api/${name}/<int:id>`, ({ params }) => show(name, params.id));
    app.delete(`/api/${name}/<int:id>`, ({ params }) => remove(name, params.id));
  }
  return app;
}
