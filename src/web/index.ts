/** socle: the micro-framework. */

export { Headers, type HeadersInit } from "../gateway/headers.ts";
export type { PlatformFetchHandler } from "../gateway/hosted/fetch-exchange.ts";
export { Response, type ResponseBody, type ResponseInit } from "../gateway/response.ts";
export { App, type AppOptions } from "./app.ts";
export type { AuthHook, Verified } from "./auth/auth-hook.ts";
export { type BasicAuthOptions, type BasicAuthUsers, basicAuth } from "./auth/basic-auth.ts";
export { type BearerAuthOptions, bearerAuth } from "./auth/bearer-auth.ts";
export { timingSafeEqual } from "./auth/timing-safe-equal.ts";
export { Blueprint, type BlueprintOptions } from "./blueprint.ts";
export { ConfigError, type ConfigSources, loadConfig } from "./config/load-config.ts";
export type { Config, Setting, Settings } from "./config/settings.ts";
export { local, type RequestLocal } from "./context/request-local.ts";
export type { TestContextOptions } from "./context/test-context.ts";
export {
  type ConverterDefinition,
  type ConverterSettings,
  defineConverter,
  type ReadText,
} from "./converter-registry.ts";
export { bool, byteSize, type Converter, duration, float, int, listOf, oneOf, url } from "./converters.ts";
export { type CookieOptions, deleteCookie, setCookie, type WithHeaders } from "./cookies.ts";
export type { ErrorLog } from "./error-answer.ts";
export type { ErrorClass, ErrorHandler } from "./error-table.ts";
export type { FileDict } from "./forms/file-dict.ts";
export type { SaveOptions } from "./forms/form-file.ts";
export type { FormLimits, FormOptions } from "./forms/form-options.ts";
export type { FilePart, FormPart, TextPart } from "./forms/form-parts.ts";
export type { UploadedFile } from "./forms/uploaded-file.ts";
export type { AfterHook, AnyScope, BeforeHook, Middleware, TeardownHook } from "./hooks.ts";
export type { HostPattern } from "./host.ts";
export { HttpError, type HttpErrorOptions } from "./http-error.ts";
export type { JsonOptions } from "./json-writer.ts";
export type { BackgroundTask, LifecycleHook } from "./lifecycle.ts";
export type { Mount, MountOptions, MountTarget } from "./mount.ts";
export { type GetOptions, type GetOptionsWithDefault, MultiDict } from "./multi-dict.ts";
export { type ApiDocsOptions, apiDocs } from "./openapi/api-docs.ts";
export type { OpenApiDocument, OpenApiInfo, OpenApiObject, OpenApiServer } from "./openapi/document-types.ts";
export { type DescribedApp, type OpenApiOptions, openapi } from "./openapi/openapi.ts";
export type { RouteDocs } from "./openapi/route-docs.ts";
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
export type { ProxyOptions } from "./proxies/proxies.ts";
export { trustProxies } from "./proxies/trust-proxies.ts";
export type { Allowance, Rate } from "./rate-limit/rate.ts";
export { type RateLimiter, type RateLimitOptions, rateLimit } from "./rate-limit/rate-limit.ts";
export type { RateLimitStore } from "./rate-limit/rate-limit-store.ts";
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
export type { CspDirectives } from "./security/content-security-policy.ts";
export { type CorsOptions, cors, type OriginCheck } from "./security/cors.ts";
export { cspNonce } from "./security/csp-nonce.ts";
export { type CsrfOptions, csrf } from "./security/csrf.ts";
export { csrfField, csrfToken } from "./security/csrf-token.ts";
export type { SecurityHeadersOptions } from "./security/guard-headers.ts";
export { securityHeaders } from "./security/security-headers.ts";
export type { Secret } from "./sessions/secret.ts";
export type { Session, SessionData, SessionKey, SessionValue } from "./sessions/session.ts";
export type { SessionCookieOptions } from "./sessions/session-cookie.ts";
export type { FlashMessage } from "./sessions/session-state.ts";
export type { SessionStore } from "./sessions/session-store.ts";
export { type SessionOptions, type SessionSettings, sessions } from "./sessions/sessions.ts";
export { type RenderTemplate, type TemplateEngine, type TemplateOptions, templates } from "./templates.ts";
export type { CookieJar, JarOptions } from "./test-client/cookie-jar.ts";
export type { TestBody, TestFile } from "./test-client/request-body.ts";
export type { TestAnswer } from "./test-client/test-answer.ts";
export {
  TestClient,
  type TestClientOptions,
  type TestRequestOptions,
  type TestRequestSettings,
  type TestRouteArguments,
  type TestRouteOptions,
  type TestSend,
} from "./test-client/test-client.ts";
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
