/**
 * The first application. Serve it with
 *
 *     npx socle serve 'examples/hello/web.ts:main()'
 *
 * and ask it for something:
 *
 *     curl '127.0.0.1:8000/hello?name=Ada'
 *     curl -X POST '127.0.0.1:8000/hello?name=12' -H 'content-type: application/json' -d '{"msg":"你好"}'
 *     curl -X POST '127.0.0.1:8000/hello?name=12' -d 'msg=你好' -d 'tag=a' -d 'tag=b'
 *     curl -i '127.0.0.1:8000/users/7'
 */
import { App, HttpError } from "socle";

export function main(): App {
  const app = new App();

  app.get("/", () => "Welcome to Socle. Try /hello?name=you and /users/7.\n");

  app.get("/hello", (request) => ({ hello: request.query.get("name") ?? "world" }));

  // Echoes what was sent, as a form or as JSON.
  app.post("/hello", async (request) => {
    const query = request.query;
    if (request.mediaType === "application/x-www-form-urlencoded") {
      return { query, form: await request.form() };
    }
    return { query, json: await request.json() };
  });

  // <int:id> takes digits only, and params.id is a number.
  app.get("/users/<int:id>", ({ params }) => {
    if (params.id === 0) throw new HttpError(404, { msg: "no such user" });
    return { id: params.id };
  });

  return app;
}
