/** Makes an application of whatever its shape says that a value is. */
import type { Application } from "./application.ts";
import {
  type Classified,
  classify,
  type Interface,
  isElysia,
  isFastify,
  isKoa,
  type NodeTarget,
} from "./classify.ts";
import { type FetchTarget, fetchApplication } from "./fetch/fetch-application.ts";
import { nodeApplication } from "./node/node-application.ts";
import { wsgiApplication } from "./wsgi/wsgi-application.ts";
import type { WsgiApplication } from "./wsgi/wsgi-interface.ts";

/** An application, and what it was recognised as. */
export interface Recognised {
  readonly application: Application;
  /** What it speaks; `socle` is the `Exchange` contract itself. */
  readonly kind: Classified["kind"];
  /** What it is, for people: `a Hono app`. */
  readonly what: string;
}

/** What stands between server and application, and reports breaches by either: validate/ has it. */
export interface Validator {
  validate(application: Application): Application;
  validateFetch(target: FetchTarget): FetchTarget;
  validateWsgi(application: WsgiApplication): WsgiApplication;
}

/**
 * Takes a value for the application that its shape says it is; the rules stand in docs/gateway.md. Undefined where it is
 * none, or where its shape does not tell: a function of two parameters may be a fetch handler, a Node listener or
 * WSGI-style, and counts as what its parameters' names say, if they say it.
 * @param as what it speaks, where its shape shall not decide
 */
export function recognise(value: unknown, as?: Interface): Recognised | undefined {
  const classified = classify(value, as);
  if (classified.kind === "unknown") return undefined;
  return { application: adapt(classified), kind: classified.kind, what: classified.what };
}

/**
 * The application, with the validator around it if there is one.
 * @param multiprocess as in `WsgiOptions`
 */
export function adapt(classified: Classified, validator?: Validator, multiprocess?: boolean): Application {
  const application = adaptTarget(classified, validator, multiprocess);
  return validator === undefined ? application : validator.validate(application);
}

function adaptTarget(
  classified: Classified,
  validator: Validator | undefined,
  multiprocess: boolean | undefined,
): Application {
  switch (classified.kind) {
    case "socle":
      return classified.target;
    case "fetch": {
      const { target } = classified;
      const application = fetchApplication(validator?.validateFetch(target) ?? target);
      return isElysia(target) ? bracket(application, { start: () => target.modules }) : application;
    }
    case "wsgi":
      return wsgiApplication(validator?.validateWsgi(classified.target) ?? classified.target, {
        multiprocess,
      });
    case "node":
      return adaptNode(classified.target);
  }
}

function adaptNode(target: NodeTarget): Application {
  if (isKoa(target)) return nodeApplication(target.callback());
  if (!isFastify(target)) return nodeApplication(target);
  return bracket(nodeApplication(target.server), { start: () => target.ready(), stop: () => target.close() });
}

/** The application, with what its framework does before the first request and after the last. */
function bracket(
  application: Application,
  { start, stop }: { start: () => PromiseLike<unknown>; stop?: () => PromiseLike<unknown> },
): Application {
  return {
    handleExchange: (exchange) => application.handleExchange(exchange),
    async start() {
      await start();
      await application.start?.();
    },
    async stop() {
      await application.stop?.();
      await stop?.();
    },
  };
}
