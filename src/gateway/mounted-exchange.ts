/** An exchange as an application sees it that is mounted under a path of another: the same, but for the path that was cut off. */
import type { Exchange } from "../http/exchange.ts";
import { ForwardedExchange } from "./forwarded-exchange.ts";
import { mountPathOf } from "./mount-path.ts";

export class MountedExchange extends ForwardedExchange {
  /**
   * The path that was cut off, by all mounts on the way: percent-encoding as sent, and no slash at its end. WSGI's `SCRIPT_NAME`
   * is this, decoded; Express's `req.baseUrl` is this.
   */
  override get mountPath(): string {
    return this.#mountPath;
  }
  readonly #mountPath: string;
  readonly #target: string;

  /**
   * @param segments how many segments of the path are the mount's. In a path that a router has taken they are the same,
   *   encoded and decoded: it has no encoded slash, no empty segment and no dot segment.
   */
  constructor(outer: Exchange, segments: number) {
    super(outer);
    const { target } = outer;
    const mark = target.indexOf("?");
    const pathEnd = mark < 0 ? target.length : mark;
    let at = 0;
    for (let i = 0; i < segments; i++) {
      const slash = target.indexOf("/", at + 1);
      at = slash < 0 || slash > pathEnd ? pathEnd : slash;
    }
    this.#target = at < pathEnd ? target.slice(at) : `/${target.slice(at)}`;
    this.#mountPath = mountPathOf(outer) + target.slice(0, at);
  }

  /** The target below the mount, its percent-encoding as sent. It begins with "/", also where nothing is left of the path. */
  override get target(): string {
    return this.#target;
  }
}
