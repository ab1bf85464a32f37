import { H3, HTTPError, readFormData, serve } from "h3";

const app = new H3();
app.post("/pictures", async (event) => {
  const form = await readFormData(event);
  const picture = form.get("picture");
  if (!(picture instanceof File)) throw new HTTPError({ status: 400, message: "no picture was chosen" });
  const content = new Uint8Array(await picture.arrayBuffer());
  return { title: form.get("title"), size: content.length, last: content.at(-1) };
});
serve(app, { port: Number(process.env.PORT), hostname: "127.0.0.1", silent: true });
