/** socle/gateway: the application interface between the engine and whatever application it serves. */

export { ExchangeError, RequestError } from "../http/errors.ts";
export type {
  CloseWatcher,
  ConnectionControl,
  Exchange,
  ExchangeHandler,
  HeaderList,
  RequestBody,
  ResponseWriter,
} from "../http/exchange.ts";
export { FieldSection } from "../http/field-section.ts";
export { type Application, isApplication } from "./application.ts";
export { Body } from "./body.ts";
export type { Classified, Interface } from "./classify.ts";
export { installFastFetch } from "./fetch/fast-fetch.ts";
export {
  type FetchAnswer,
  type FetchHandler,
  type FetchTarget,
  fetchApplication,
} from "./fetch/fetch-application.ts";
export { installFetchBridge } from "./fetch/fetch-bridge.ts";
export { FetchContext, type SocketAddresses } from "./fetch/fetch-context.ts";
export { Headers, type HeadersInit } from "./headers.ts";
export { type PlatformFetchHandler, toFetchHandler } from "./hosted/fetch-exchange.ts";
export type { HostedOptions } from "./hosted/hosted-application.ts";
export { type NodeListener, toNodeListener } from "./hosted/node-listener.ts";
export type { NodeRequest, NodeResponse } from "./hosted/node-message.ts";
export {
  ImportStringError,
  type LoadedApplication,
  type LoadOptions,
  loadApplication,
  parseImportString,
} from "./import-string.ts";
export { type InterimAnswer, MemoryExchange, type MemoryExchangeOptions } from "./memory-exchange.ts";
export { mountPathOf } from "./mount-path.ts";
export { MountedExchange } from "./mounted-exchange.ts";
export {
  type CapturedServer,
  CapturedServers,
  captureServers,
  type OwnServerTest,
} from "./node/captured-servers.ts";
export { type NodeApplicationOptions, type NodeServer, nodeApplication } from "./node/node-application.ts";
export { type Recognised, recognise } from "./recognise.ts";
export { Request } from "./request.ts";
export type { ReferrerPolicy, RequestInit, RequestSettings } from "./request-init.ts";
export { Response, type ResponseBody, type ResponseInit } from "./response.ts";
export { type ListedRoute, routesOf } from "./routes.ts";
export { type ForeignResponse, isForeignResponse, sendResponse } from "./send.ts";
export {
  type Breach,
  type BreachCode,
  type ValidateOptions,
  validate,
  validateFetch,
  validateWsgi,
} from "./validate/index.ts";
export type { Environ } from "./wsgi/environ.ts";
export { type WsgiOptions, wsgiApplication } from "./wsgi/wsgi-application.ts";
export type { WsgiErrors } from "./wsgi/wsgi-errors.ts";
export type { WsgiInput } from "./wsgi/wsgi-input.ts";
export {
  type StartResponse,
  type WsgiApplication,
  type WsgiClosable,
  WsgiError,
  type WsgiHeaders,
  type WsgiIterable,
  type WsgiWrite,
} from "./wsgi/wsgi-interface.ts";
