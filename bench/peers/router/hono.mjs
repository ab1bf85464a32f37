/** A router of Hono's, by its name: what `c.req.param()` does with what it found is done here. */
import { RegExpRouter } from "hono/router/reg-exp-router";
import { TrieRouter } from "hono/router/trie-router";
import { measureRouter } from "./measure.mjs";
import { answerOf } from "./routes.mjs";

const routers = { RegExpRouter, TrieRouter };

await measureRouter((routes) => {
  const router = new routers[process.argv[3]]();
  for (const { path, index, names } of routes) {
    const own = names.map((name) => (name === "*" ? "rest" : name));
    router.add("GET", path.replace("*", ":rest{.+}"), { index, names: own });
  }
  return (path) => {
    const [found, stash] = router.match("GET", path);
    if (found.length === 0) return -1;
    const [{ index, names }, params] = found[0];
    let length = 0;
    for (let i = 0; i < names.length; i++) {
      const value = params[names[i]];
      length += (stash === undefined ? value : stash[value]).length;
    }
    return answerOf(index, length);
  };
});
