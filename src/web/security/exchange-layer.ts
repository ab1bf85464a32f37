/** How plugins put a layer around the app that they are registered with. */
import { layersOf } from "../app.ts";
import type { ExchangeLayer, LayerKind } from "../exchange-layers.ts";
import type { Scope } from "../scope.ts";

/**
 * Puts a layer around an app.
 * @param plugin names the plugin in errors
 * @throws TypeError for a scope that is no app, and where there is such a layer already
 */
export function addLayer(scope: Scope, plugin: string, kind: LayerKind, layer: ExchangeLayer): void {
  const layers = layersOf(scope);
  if (layers === undefined) {
    throw new TypeError(
      `${plugin} is registered with the app, as it is for all requests: app.register(${plugin})`,
    );
  }
  if (!layers.add(kind, layer)) throw new TypeError(`${plugin} is registered with this app already`);
}
