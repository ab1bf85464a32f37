/** Sessions in sealed cookies. */
import { ask } from "../cases.mjs";

export function makeApp({ use }) {
  const h3 = use("h3");
  const app = new h3.H3({ silent: true });
  const config = { password: "a password of more than 32 characters", name: "s", maxAge: 600 };
  app.get("/set", async (event) => {
    const session = await h3.useSession(event, config);
    await session.update({ name: "Ada" });
    await session.update(({ name }) => ({ length: name.length }));
    return [typeof session.id, session.data];
  });
  app.get("/get", async (event) => (await h3.getSession(event, config)).data);
  app.get("/update", async (event) => (await h3.updateSession(event, config, { more: true })).data);
  app.get("/clear", async (event) => {
    await h3.clearSession(event, config);
    return "cleared";
  });
  app.get("/sealed", async (event) => {
    await h3.updateSession(event, config, { by: "hand" });
    const sealed = await h3.sealSession(event, config);
    return (await h3.unsealSession(event, config, sealed)).data;
  });
  return app;
}

const cookieOf = (title) => (answerTo) => ({
  headers: {
    cookie: answerTo(title)
      .headers.filter((line) => line.startsWith("set-cookie: "))
      .at(-1)
      .slice(12)
      .split(";")[0],
  },
});

export const cases = [
  ask("GET /get", 200, {}),
  ask("GET /set", 200, ["string", { name: "Ada", length: 3 }], { "set-cookie": /^s=…/ }),
  ask("GET /get?again", cookieOf("GET /sessions/set"), 200, { name: "Ada", length: 3 }),
  ask("GET /update", cookieOf("GET /sessions/set"), 200, { name: "Ada", length: 3, more: true }),
  ask("GET /get?updated", cookieOf("GET /sessions/update"), 200, { name: "Ada", length: 3, more: true }),
  ask("GET /clear", cookieOf("GET /sessions/set"), 200, "cleared", { "set-cookie": /^s=;/ }),
  ask("GET /sealed", 200, { by: "hand" }),
];
