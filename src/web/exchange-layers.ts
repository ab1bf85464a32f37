/**
 * What stands between the server and an app: exchanges around each exchange. They are for what has to hold for every request and
 * answer, whoever gives it: the router, hooks, mounts, refusals of what reaches no hook. Unlike a hook a layer costs no promise.
 */
import type { Exchange } from "../http/exchange.ts";

export type ExchangeLayer = (exchange: Exchange) => Exchange;

/** From the outermost: tells who asks, for whatever is further in; completes answers; compresses them. */
const kinds = ["client", "answer", "compression"] as const;
export type LayerKind = (typeof kinds)[number];

/** Those of an app. */
export class ExchangeLayers {
  readonly #layers: Partial<Record<LayerKind, ExchangeLayer>> = {};
  /** All of them; null where there are none. */
  wrap: ExchangeLayer | null = null;

  /** @returns whether there was none of the kind: it is not added otherwise */
  add(kind: LayerKind, layer: ExchangeLayer): boolean {
    if (this.#layers[kind] !== undefined) return false;
    this.#layers[kind] = layer;
    const layers = kinds.map((kind) => this.#layers[kind]).filter((each) => each !== undefined);
    this.wrap = layers.reduce((outer, inner) => (exchange) => inner(outer(exchange)));
    return true;
  }
}
