/**
 * What plugins put between the server and an app: an exchange around each exchange. It is for what has to hold for every request and
 * answer, whoever gives it: the router, hooks, mounts, refusals of what reaches no hook. Unlike a hook it costs no promise.
 */
import type { Exchange } from "../../http/exchange.ts";
import { App } from "../app.ts";
import type { Scope } from "../scope.ts";

export type ExchangeLayer = (exchange: Exchange) => Exchange;

/** Those of an app. */
interface Layers {
  /** Tells who asks, for whatever is further in. */
  client: ExchangeLayer | undefined;
  /** Completes answers. */
  answer: ExchangeLayer | undefined;
}

const layersOf: WeakMap<App, Layers> = new WeakMap();

/**
 * Puts a layer around an app. In whatever order plugins are registered, that about the client is the outer one.
 * @param plugin names the plugin in errors
 * @throws TypeError for a scope that is no app, and where there is such a layer already
 */
export function addLayer(scope: Scope, plugin: string, kind: keyof Layers, layer: ExchangeLayer): void {
  if (!(scope instanceof App)) {
    throw new TypeError(
      `${plugin} is registered with the app, as it is for all requests: app.register(${plugin})`,
    );
  }
  let layers = layersOf.get(scope);
  if (layers === undefined) {
    layers = { client: undefined, answer: undefined };
    layersOf.set(scope, layers);
    wrap(scope, layers);
  }
  if (layers[kind] !== undefined) throw new TypeError(`${plugin} is registered with this app already`);
  layers[kind] = layer;
}

function wrap(app: App, layers: Layers): void {
  const handle = app.handleExchange;
  app.handleExchange = (exchange) => {
    if (layers.client !== undefined) exchange = layers.client(exchange);
    if (layers.answer !== undefined) exchange = layers.answer(exchange);
    return handle.call(app, exchange);
  };
}
