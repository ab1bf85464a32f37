/** The names of operations: each is there once, and by it clients call the route. */
import type { AnyRoute } from "../route.ts";

export class OperationNames {
  readonly #given: ReadonlyMap<AnyRoute, string>;
  readonly #taken: Set<string>;
  readonly #seen: Set<AnyRoute> = new Set();
  readonly #routes: Record<string, string> = {};

  /** @param api routes that have names already */
  constructor(api: Readonly<Record<string, AnyRoute>>) {
    this.#given = new Map(Object.entries(api).map(([name, route]) => [route, name]));
    this.#taken = new Set(this.#given.values());
  }

  /** The routes by name, as they are written: `GET /users/<int:id>`. */
  get routes(): Readonly<Record<string, string>> {
    return this.#routes;
  }

  /** The name of a route's operation. Of a route with several methods the first has the route's own name. */
  take(route: AnyRoute, method: string, prefix: string): string {
    const own = this.#given.get(route) ?? route.name;
    const isFirst = !this.#seen.has(route);
    this.#seen.add(route);
    let name: string;
    if (own === undefined) name = this.#free(madeName(route, method, prefix));
    else if (!isFirst) name = this.#free(`${own}_${method}`);
    else name = this.#given.has(route) ? own : this.#free(own);
    const host = route.host === undefined ? "" : `//${route.host}`;
    this.#routes[name] = `${method.toUpperCase()} ${host}${prefix}${route.path}`;
    return name;
  }

  /** A name for the same operation at another path. */
  another(name: string): string {
    return this.#free(name);
  }

  #free(name: string): string {
    let free = name;
    for (let n = 2; this.#taken.has(free); n++) free = `${name}_${n}`;
    this.#taken.add(free);
    return free;
  }
}

/** `get_users_id` */
function madeName({ pattern }: AnyRoute, method: string, prefix: string): string {
  const segments = pattern.segments.map((segment) => (typeof segment === "string" ? segment : segment.name));
  return [method, ...`${prefix}/${segments.join("/")}`.split(/\W+/)].filter((word) => word !== "").join("_");
}
