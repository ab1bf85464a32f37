import { addRoute, createRouter, findRoute } from "rou3";
import { measureRouter } from "./measure.mjs";
import { answerOf, lengthOf } from "./routes.mjs";

await measureRouter((routes) => {
  const router = createRouter();
  for (const { path, index, names } of routes) {
    const own = names.map((name) => (name === "*" ? "rest" : name));
    addRoute(router, "GET", path.replace("*", "**:rest"), { index, names: own });
  }
  return (path) => {
    const found = findRoute(router, "GET", path);
    return found === undefined ? -1 : answerOf(found.data.index, lengthOf(found.data.names, found.params));
  };
});
