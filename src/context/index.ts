/** socle/context: values that belong to an async context. */

export { isolate } from "./context-variable.ts";
export { Local, type LocalConstructor } from "./local.ts";
export { LocalProxy, type LocalProxyConstructor, type LocalProxyOptions } from "./local-proxy.ts";
export { LocalStack, type LocalStackConstructor } from "./local-stack.ts";
export { UnboundError } from "./unbound-error.ts";
