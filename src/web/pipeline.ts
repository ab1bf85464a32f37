/**
 * The hooks around a handler, and how an answer goes through them. They are put together once for each route, from the scopes
 * that it is in; a route without any has no pipeline, and pays nothing.
 *
 * Each scope is a layer: its middleware around its `before` hooks, what is further in, and its `after` hooks. An error becomes an answer
 * in the layer where it is thrown, so that what is further out sees answers only.
 */
import { isThenable } from "../gateway/application.ts";
import type { Response } from "../gateway/response.ts";
import type { AnyScope, BeforeHook, Layer, Pipeline, TeardownHook } from "./hooks.ts";
import type { Request } from "./request.ts";
import { toResponse } from "./result.ts";
import { hooksOf } from "./scope.ts";

/** What a pipeline has to know of a request. */
export interface Call {
  readonly request: Request;
  /** Names the handler in errors, such as `GET /hello`. */
  readonly source: { toString(): string };
  /** Gives the handler's result. */
  answer(): unknown;
  /** Makes an error an answer. Never rejected. */
  answerError(error: unknown, scope: AnyScope): Response | Promise<Response>;
}

/**
 * The hooks of a scope and of those it is in.
 * @param routeBefore those of the route alone
 * @returns null where there are none
 */
export function pipelineOf(scope: AnyScope, routeBefore: readonly BeforeHook[] = []): Pipeline | null {
  const layers: Layer[] = [];
  const teardown: TeardownHook[] = [];
  if (routeBefore.length > 0) layers.push({ scope, middleware: [], before: routeBefore, after: [] });
  for (let at: AnyScope | undefined = scope; at !== undefined; at = at.parent) {
    const hooks = hooksOf(at);
    teardown.push(...hooks.teardown.toReversed());
    const { middleware, before, after } = hooks;
    if (middleware.length + before.length + after.length === 0) continue;
    layers.unshift({
      scope: at,
      middleware: [...middleware],
      before: [...before],
      after: after.toReversed(),
    });
  }
  return layers.length + teardown.length === 0 ? null : { layers, teardown };
}

/**
 * Gives the answer of a request, a handler's result or a response, once it has gone through all layers.
 * @throws what a handler without any layer around it throws
 */
export function runPipeline({ layers }: Pipeline, call: Call): unknown {
  return layers.length === 0 ? call.answer() : runLayer(layers, 0, call);
}

function runLayer(layers: readonly Layer[], depth: number, call: Call): Promise<unknown> {
  const layer = layers[depth] as Layer;
  return layer.middleware.length === 0
    ? runHooks(layers, depth, call)
    : runMiddleware(layers, depth, 0, call);
}

async function runMiddleware(
  layers: readonly Layer[],
  depth: number,
  index: number,
  call: Call,
): Promise<Response> {
  const { scope, middleware } = layers[depth] as Layer;
  const fn = middleware[index];
  try {
    if (fn === undefined) return await toResponse(await runHooks(layers, depth, call), call.source);
    let called = false;
    const next = (): Promise<Response> => {
      if (called) throw new TypeError("next() was called twice: a request has one answer");
      called = true;
      return runMiddleware(layers, depth, index + 1, call);
    };
    return await toResponse(await fn(call.request, next), nameOf(fn, "a middleware"));
  } catch (error) {
    return call.answerError(error, scope);
  }
}

async function runHooks(layers: readonly Layer[], depth: number, call: Call): Promise<unknown> {
  const { scope, before, after } = layers[depth] as Layer;
  let result: unknown;
  try {
    for (let i = 0; result === undefined && i < before.length; i++) {
      result = (before[i] as BeforeHook)(call.request);
      if (isThenable(result)) result = await result;
    }
    if (result === undefined) {
      result = depth + 1 === layers.length ? call.answer() : runLayer(layers, depth + 1, call);
      if (isThenable(result)) result = await result;
    }
    if (after.length === 0) return result;
    result = toResponse(result, call.source);
    if (isThenable(result)) result = await result;
  } catch (error) {
    result = await call.answerError(error, scope);
  }
  for (const hook of after) {
    try {
      let changed: unknown = hook(result as Response, call.request);
      if (isThenable(changed)) changed = await changed;
      if (changed !== undefined) result = await toResponse(changed, nameOf(hook, "an after hook"));
    } catch (error) {
      result = await call.answerError(error, scope);
    }
  }
  return result;
}

/** Names a function in errors. */
function nameOf({ name }: { readonly name: string }, otherwise: string): string {
  return name === "" ? otherwise : name;
}

/** Calls what is to be called when a request is over. What one throws keeps no other from being called. */
export async function runTeardown(
  hooks: readonly TeardownHook[],
  request: Request,
  fault: unknown,
  log: (error: unknown) => void,
): Promise<void> {
  for (const hook of hooks) {
    try {
      const done: unknown = hook(request, fault);
      if (isThenable(done)) await done;
    } catch (error) {
      log(error);
    }
  }
}
