import { parsePath } from "../../../dist/web/path.js";
import { Route } from "../../../dist/web/route.js";
import { Match, Router } from "../../../dist/web/router.js";
import { measureRouter } from "./measure.mjs";
import { answerOf, lengthOf } from "./routes.mjs";

await measureRouter((routes) => {
  const router = new Router();
  for (const { path, index, names } of routes) {
    const written = path.replace("*", "<path:rest>");
    const handler = Object.assign(() => "", {
      index,
      names: names.map((name) => (name === "*" ? "rest" : name)),
    });
    router.add(new Route({ path: written, methods: ["GET"], handler, pattern: parsePath(written) }));
  }
  return (path) => {
    const found = router.match("GET", path, "localhost");
    if (!(found instanceof Match)) return -1;
    const { index, names } = found.route.handler;
    return answerOf(index, lengthOf(names, found.params));
  };
});
