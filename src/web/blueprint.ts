/** A part of an application that is made apart from it, in a module of its own. */
import type { AnyScope } from "./hooks.ts";
import { parsePath } from "./path.ts";
import { PathError } from "./path-error.ts";
import type { AnyRoute } from "./route.ts";
import { Scope, type ScopeInside } from "./scope.ts";

export interface BlueprintOptions {
  /** Stands before the names of its routes, with a dot: `notes.show`. Default: nothing does. */
  readonly name?: string;
}

/** A route on its way to the app. */
interface Waiting {
  readonly route: AnyRoute;
  readonly prefix: string;
  readonly name: string | undefined;
}

/**
 *     export const notes = new Blueprint("/notes");
 *     notes.get("", list);
 *     notes.get("/<int:id>", show);
 *
 *     app.register(notes);
 *
 * The paths of its routes begin with its prefix, which may have parameters; a route with the path "" is at the prefix itself. A blueprint
 * in another has that one's prefix before its own. It is put in one place; what shall be in several is made by a function.
 */
export class Blueprint<Prefix extends string = ""> extends Scope<Prefix> {
  readonly prefix: Prefix;
  readonly name: string | undefined;
  #parent: ScopeInside | undefined;
  /** Until this is in an app, or in what will be. */
  #waiting: Waiting[] = [];

  /** @throws PathError for a prefix that is neither "" nor a path without a slash at its end. */
  constructor(prefix: Prefix = "" as Prefix, options: BlueprintOptions = {}) {
    super();
    if (prefix !== "" && (parsePath(prefix).segments.at(-1) ?? "") === "") {
      throw new PathError(
        `the prefix of a blueprint has no slash at its end, and ${JSON.stringify(prefix)} has`,
      );
    }
    this.prefix = prefix;
    this.name = options.name;
  }

  get parent(): AnyScope | undefined {
    return this.#parent;
  }

  protected override addRoute(route: AnyRoute): void {
    route.scope = this;
    this.#send({ route, prefix: "", name: this.#nameOf(route.name) });
  }

  /** @internal */
  override receive(route: AnyRoute, prefix: string, name: string | undefined): void {
    this.#send({ route, prefix: this.prefix + prefix, name: this.#nameOf(name) });
  }

  /** @internal */
  override changed(): void {
    this.#parent?.changed();
  }

  /** @internal */
  override placeIn(parent: ScopeInside): void {
    const what = `the blueprint ${JSON.stringify(this.prefix)}`;
    if (this.#parent !== undefined) {
      throw new TypeError(`${what} is in an app or blueprint already: make another one, by a function`);
    }
    for (let scope: AnyScope | undefined = parent; scope !== undefined; scope = scope.parent) {
      if (scope === this) throw new TypeError(`${what} can't be put into itself`);
    }
    if (parent.prefix !== "" && parsePath(parent.prefix).names.length > 0) {
      throw new PathError(
        `${what} can't be put into ${JSON.stringify(parent.prefix)}: its handlers' types would not know of that one's parameters. Make it with the whole prefix, ${JSON.stringify(parent.prefix + this.prefix)}, and put it into the app`,
      );
    }
    this.#parent = parent;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { route, prefix, name } of waiting) parent.receive(route, prefix, name);
  }

  #send(route: Waiting): void {
    if (this.#parent === undefined) this.#waiting.push(route);
    else this.#parent.receive(route.route, route.prefix, route.name);
  }

  #nameOf(name: string | undefined): string | undefined {
    return name === undefined || this.name === undefined ? name : `${this.name}.${name}`;
  }
}
