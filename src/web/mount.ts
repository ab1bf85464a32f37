/** Another application under a path of an app. */
import type { Application } from "../gateway/application.ts";
import { type Classified, classify, type Interface, type Unknown } from "../gateway/classify.ts";
import { MountedExchange } from "../gateway/mounted-exchange.ts";
import type { Exchange } from "../http/exchange.ts";
import { parsePath } from "./path.ts";
import { PathError } from "./path-error.ts";

/** An `App` or another application of the gateway's; or one that speaks an interface of others, told by its shape. */
export type MountTarget = Application | object;

export interface MountOptions {
  /** What the target speaks, where its shape does not tell: a function of two parameters may be any of them. */
  readonly interface?: Interface;
}

export class Mount {
  /** As it was given: `/legacy`. */
  readonly path: string;
  /** The path's segments; none for `/`. */
  readonly segments: readonly string[];
  /** What is mounted, as it was given; */
  readonly target: MountTarget;
  /** that in a few words: `an Express app`; */
  readonly what: string;
  /** and as the gateway takes it. */
  readonly application: Application;

  /**
   * @throws PathError for a path that is no plain one, or has a slash at its end.
   * @throws TypeError for a target that is no application.
   */
  constructor(path: string, target: MountTarget, options: MountOptions) {
    this.path = path;
    this.segments = segmentsOf(path);
    const classified = classify(target, options.interface);
    this.target = target;
    this.what = classified.what;
    this.application = applicationOf(path, classified);
  }

  /** Has the application answer an exchange whose path is below this one. */
  handleExchange(exchange: Exchange): void | Promise<void> {
    const { length } = this.segments;
    return this.application.handleExchange(length === 0 ? exchange : new MountedExchange(exchange, length));
  }

  /** `what is mounted at /legacy` */
  toString(): string {
    return `what is mounted at ${this.path}`;
  }
}

function segmentsOf(path: string): string[] {
  if (path === "/") return [];
  const quoted = JSON.stringify(path);
  const segments: string[] = [];
  for (const segment of parsePath(path).segments) {
    if (typeof segment !== "string") {
      throw new PathError(`the path of a mount has no parameters, and ${quoted} has <${segment.name}>`);
    }
    if (segment === "") throw new PathError(`the path of a mount has no slash at its end, and ${quoted} has`);
    segments.push(segment);
  }
  return segments;
}

function applicationOf(path: string, classified: Classified | Unknown): Application {
  if (classified.kind === "socle") return classified.target;
  if (classified.kind !== "unknown") return new ForeignApplication(classified);
  const hint = classified.open
    ? `; say what it speaks: app.mount(${JSON.stringify(path)}, it, { interface: "fetch" }), or "wsgi", or "node"`
    : "";
  throw new TypeError(
    `what shall be mounted at ${path} is ${classified.what}, and no application that is known${hint}`,
  );
}

/**
 * An application that does not speak `Exchange`. Its adapter is loaded when the app starts, so that whoever mounts
 * nothing of the kind, or runs where there is no Node, loads none.
 */
class ForeignApplication implements Application {
  readonly #classified: Classified;
  #application: Application | undefined;
  #starting: Promise<Application> | undefined;

  constructor(classified: Classified) {
    this.#classified = classified;
  }

  async start(): Promise<void> {
    await this.#start();
  }

  handleExchange(exchange: Exchange): void | Promise<void> {
    if (this.#application !== undefined) return this.#application.handleExchange(exchange);
    return this.#start().then((application) => application.handleExchange(exchange));
  }

  async drain(): Promise<void> {
    await this.#application?.drain?.();
  }

  async stop(): Promise<void> {
    await this.#application?.stop?.();
  }

  #start(): Promise<Application> {
    return (this.#starting ??= this.#load());
  }

  async #load(): Promise<Application> {
    const { adapt } = await import("../gateway/recognise.ts");
    const application = adapt(this.#classified);
    await application.start?.();
    return (this.#application = application);
  }
}
