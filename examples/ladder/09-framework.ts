/**
 * Rung 9: the little framework.
 *
 * Which function answers which path, what its parameters are, and what becomes of its mistakes: the same in every
 * application, so the framework does it. A handler takes the request and returns what it means.
 *
 *     npx socle serve 'examples/ladder/09-framework.ts:main()'
 *     curl 127.0.0.1:8000/notes -H 'content-type: application/json' -d '{"text":"milk"}'
 *     curl 127.0.0.1:8000/notes/1
 */
import { App, HttpError, Response } from "socle";

export function main(): App {
  const notes: string[] = [];
  const app = new App();

  app.get("/", () => ({ notes: notes.length, process: process.pid }));

  app.post("/notes", async (request) => {
    const { text } = await request.json<{ text?: unknown }>();
    if (typeof text !== "string" || text === "" || text.length > 1000) {
      throw new HttpError(400, { msg: "text: a string of 1 to 1000 characters is expected" });
    }
    if (notes.length === 1000) throw new HttpError(507, { msg: "the notebook is full" });
    const id = notes.push(text);
    return Response.json({ id, text }, { status: 201 });
  });

  app.get("/notes/<int:id>", ({ params }) => {
    const text = notes[params.id - 1];
    if (text === undefined) throw new HttpError(404, { msg: `there is no note ${params.id}` });
    return { id: params.id, text };
  });

  return app;
}
