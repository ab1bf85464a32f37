/** socle/client: the typed client. It imports nothing of the server, so that browsers can have it. */
export {
  type ApiRoutes,
  type CallArguments,
  type CallOptions,
  type CallSettings,
  type Client,
  type ClientCall,
  type ClientHeaders,
  type ClientOptions,
  client,
} from "./client.ts";
export { ClientError } from "./client-error.ts";
export type { RouteText } from "./route-text.ts";
export type { AnswerOf, Json } from "./route-types.ts";
