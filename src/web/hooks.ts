/** What an app or a blueprint has called around its handlers. */
import type { Response } from "../gateway/response.ts";
import type { ErrorTable } from "./error-table.ts";
import type { Request } from "./request.ts";
import type { HandlerResult } from "./result.ts";

/**
 * Called before the handler. What it returns, other than nothing, is the answer, and neither further `before` hooks nor the
 * handler are called.
 */
export type BeforeHook =
  | ((request: Request) => HandlerResult | undefined | Promise<HandlerResult | undefined>)
  | ((request: Request) => void)
  | ((request: Request) => Promise<void>);

/**
 * Called with every answer before it is sent. It may change the response's headers, or return another response.
 * The bodies of files, events and compressed answers are made when they are sent: here `body` is null.
 */
export type AfterHook =
  | ((response: Response, request: Request) => Response | undefined | Promise<Response | undefined>)
  | ((response: Response, request: Request) => void)
  | ((response: Response, request: Request) => Promise<void>);

/**
 * Called when a request is over: its answer is sent, or the client has gone.
 * @param error the fault that the request ended with, or undefined
 */
export type TeardownHook = (request: Request, error: unknown) => void | Promise<void>;

/**
 * Called around everything else of an app or a blueprint.
 * @param next does the rest, once. It gives the answer, also where that is an error's, and is never rejected.
 */
export type Middleware = (
  request: Request,
  next: () => Promise<Response>,
) => HandlerResult | Promise<HandlerResult>;

/** Those of one app or blueprint, in the order in which they were added. */
export interface Hooks {
  readonly before: BeforeHook[];
  readonly after: AfterHook[];
  readonly teardown: TeardownHook[];
  readonly middleware: Middleware[];
  readonly errors: ErrorTable;
}

/** An app or a blueprint, whatever its prefix. */
export interface AnyScope {
  /** Stands before the paths of its routes. */
  readonly prefix: string;
  /** What it is in; undefined for an app, and for a blueprint that is in nothing yet. */
  readonly parent: AnyScope | undefined;
}

/** The hooks of one scope. */
export interface Layer {
  readonly scope: AnyScope;
  readonly middleware: readonly Middleware[];
  readonly before: readonly BeforeHook[];
  /** The last that was added is the first. */
  readonly after: readonly AfterHook[];
}

/** All that is around a handler. */
export interface Pipeline {
  /** The outermost first; those without hooks are left out. */
  readonly layers: readonly Layer[];
  /** In the order in which they are called. */
  readonly teardown: readonly TeardownHook[];
}
