import { App, HttpError } from "../../../../dist/web/index.js";

export function main() {
  const app = new App();
  app.post("/pictures", async (request) => {
    const form = await request.form();
    const picture = (await request.files()).get("picture");
    if (picture === undefined) throw new HttpError(400, "no picture was chosen");
    const content = await picture.bytes();
    return { title: form.get("title"), size: content.length, last: content.at(-1) };
  });
  return app;
}
