/** socle: the micro-framework. */

export { Headers, type HeadersInit } from "../gateway/headers.ts";
export type { PlatformFetchHandler } from "../gateway/hosted/fetch-exchange.ts";
export { Response, type ResponseBody, type ResponseInit } from "../gateway/response.ts";
export { App, type AppOptions } from "./app.ts";
export { Blueprint, type BlueprintOptions } from "./blueprint.ts";
export { local, type RequestLocal } from "./context/request-local.ts";
export type { TestContextOptions } from "./context/test-context.ts";
export {
  type ConverterDefinition,
  type ConverterSettings,
  defineConverter,
  type ReadText,
} from "./converter-registry.ts";
export { bool, type Converter, float, int } from "./converters.ts";
export { type CookieOptions, deleteCookie, setCookie, type WithHeaders } from "./cookies.ts";
export type { ErrorLog } from "./error-answer.ts";
export type { ErrorClass, ErrorHandler } from "./error-table.ts";
export type { AfterHook, AnyScope, BeforeHook, Middleware, TeardownHook } from "./hooks.ts";
export type { HostPattern } from "./host.ts";
export { HttpError, type HttpErrorOptions } from "./http-error.ts";
export type { JsonOptions } from "./json-writer.ts";
export type { BackgroundTask, LifecycleHook } from "./lifecycle.ts";
export type { Mount, MountOptions, MountTarget } from "./mount.ts";
export { type GetOptions, type GetOptionsWithDefault, MultiDict } from "./multi-dict.ts";
export type {
  ParamValues,
  PathParameter,
  PathParams,
  PathPattern,
  PathSegment,
  RouteParams,
} from "./path.ts";
export type { JsonSchema, PathConverter, PathValue, PathValues } from "./path-converter.ts";
export { PathError } from "./path-error.ts";
export { Request } from "./request.ts";
export { compress } from "./responses/compress.ts";
export type { CompressionOptions, ContentCoding } from "./responses/compression.ts";
export { type ContentInit, empty, type JsonInit, json, text } from "./responses/content.ts";
export { contentDisposition } from "./responses/content-disposition.ts";
export { etag } from "./responses/entity-tag.ts";
export type { ServerSentEvent } from "./responses/event-format.ts";
export type { EventClient, EventInit, EventProducer } from "./responses/event-source.ts";
export { type FileOptions, file } from "./responses/file.ts";
export { Html, type HtmlAttributes, type HtmlFunction, type HtmlValue, html } from "./responses/html.ts";
export { HtmlTemplateError } from "./responses/html-template.ts";
export type { JsonResponse } from "./responses/json-response.ts";
export type { MediaTypeName } from "./responses/negotiation.ts";
export { checkPreconditions, type Validators } from "./responses/preconditions.ts";
export { type RedirectStatus, redirect } from "./responses/redirect.ts";
export { type SseOptions, sse } from "./responses/sse.ts";
export { type StreamSource, stream } from "./responses/stream.ts";
export type { HandlerResult } from "./result.ts";
export { ALL, type AnyRoute, type Handler, type ParamsOf, Route } from "./route.ts";
export type { AddRoute, AnyMethodOptions, RouteMethods, RouteOptions } from "./route-methods.ts";
export { RouteConflictError } from "./route-tree.ts";
export type { TrailingSlash } from "./router.ts";
export { type Plugin, Scope } from "./scope.ts";
export { type RenderTemplate, type TemplateEngine, type TemplateOptions, templates } from "./templates.ts";
export {
  type LooseUrlParams,
  type QueryValue,
  type UrlArguments,
  UrlError,
  type UrlOptions,
  type UrlParams,
  type UrlQuery,
  urlFor,
} from "./url-for.ts";
export type { FieldError, Problem } from "./validation/problem.ts";
export type {
  InputOf,
  NoSchemas,
  OutputOf,
  RequestPart,
  ResultOf,
  RouteSchemas,
  RouteWithoutSchema,
  Schema,
  Valid,
} from "./validation/schemas.ts";
export { ValidationError } from "./validation/validation-error.ts";
