/** The routes that every router is given, and the requests for them. */

const words =
  "users posts comments teams projects invoices orders products carts reviews messages channels events tickets photos albums tags files reports settings".split(
    " ",
  );

/** The kinds of requests; the last has no route. */
export const kinds = ["static", "param", "params", "rest", "miss"];

/**
 * Five for each resource, in the order in which routers that look at it need them. `path` has `:name` for a parameter, and `*` at
 * its end for the rest.
 */
export function makeRoutes(count) {
  return Array.from({ length: count / 5 }, (_, i) => i).flatMap((i) => {
    const name = nameOf(i);
    return [
      { kind: "static", path: `/api/${name}`, names: [] },
      { kind: "static", path: `/recent/${name}`, names: [] },
      { kind: "param", path: `/api/${name}/:id`, names: ["id"] },
      { kind: "params", path: `/api/${name}/:id/notes/:note`, names: ["id", "note"] },
      { kind: "rest", path: `/files/${name}/*`, names: ["*"] },
    ].map((route, k) => ({ ...route, index: 5 * i + k }));
  });
}

function nameOf(i) {
  const turn = Math.floor(i / words.length);
  return `${words[i % words.length]}${turn === 0 ? "" : `-${turn}`}`;
}

/** Requests of one kind for routes chosen by chance, each with what `answerOf` makes of the right answer. */
export function makeRequests(kind, routes, count, random) {
  const own = routes.filter((route) => route.kind === (kind === "miss" ? "params" : kind));
  return Array.from({ length: count }, () => {
    const route = own[Math.floor(random() * own.length)];
    const values = route.names.map((name) => {
      return name === "*"
        ? `2024/0${1 + Math.floor(random() * 9)}/picture.jpg`
        : String(Math.floor(random() * 1e6));
    });
    let i = 0;
    const path = route.path.replaceAll(/:\w+|\*$/g, () => values[i++]);
    if (kind === "miss") return { path: path.replace("/notes/", "/none/"), answer: -1 };
    return { path, answer: answerOf(route.index, values.join("").length) };
  });
}

/** One number for the route that was found and all its parameters, so that all of them are read. -1 for none. */
export function answerOf(index, length) {
  return index * 1000 + length;
}

/** The sum of the lengths of a route's parameters. */
export function lengthOf(names, params) {
  let length = 0;
  for (let i = 0; i < names.length; i++) length += params[names[i]].length;
  return length;
}
