import { App, sessions } from "../../../../dist/web/index.js";

declare module "../../../../dist/web/index.js" {
  interface SessionData {
    visits: number;
  }
}

export function main() {
  const app = new App();
  app.register(sessions({ secret: process.env.SECRET }));
  app.get("/visits", ({ session }) => {
    const visits = (session.get("visits") ?? 0) + 1;
    session.set("visits", visits);
    return { visits };
  });
  return app;
}
