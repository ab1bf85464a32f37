import { parsePath } from "../../../dist/web/path.js";
import { Route } from "../../../dist/web/route.js";
import { Match, Router } from "../../../dist/web/router.js";
import { measureRouter } from "./measure.mjs";
import { answerOf, lengthOf } from "./routes.mjs";

await measureRouter((routes) => {
  const router = new Router();
  for (const { path, index, names } of routes) {
    const written = path.replace("*", "<path:rest>");
    const own = names.map((name) => (name === "*" ? "rest" : name));
    const route = new Route({
      path: written,
      methods: ["GET"],
      handler: () => "",
      pattern: parsePath(written),
    });
    router.add(Object.assign(route, { index, names: own }));
  }
  return (path) => {
    const found = router.match("GET", path, "localhost");
    if (!(found instanceof Match)) return -1;
    const { index, names } = found.route;
    return answerOf(index, lengthOf(names, found.params));
  };
});
