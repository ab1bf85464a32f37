/** socle: the micro-framework. */

export { Headers, type HeadersInit } from "../gateway/headers.ts";
export type { PlatformFetchHandler } from "../gateway/hosted/fetch-exchange.ts";
export { Response, type ResponseBody, type ResponseInit } from "../gateway/response.ts";
export { App, type AppOptions, type RouteOptions } from "./app.ts";
export { bool, type Converter, float, int } from "./converters.ts";
export type { ErrorLog } from "./error-answer.ts";
export { HttpError, type HttpErrorOptions } from "./http-error.ts";
export type { Mount, MountOptions, MountTarget } from "./mount.ts";
export { type GetOptions, type GetOptionsWithDefault, MultiDict } from "./multi-dict.ts";
export {
  type ParamValues,
  PathError,
  type PathParameter,
  type PathParams,
  type PathPattern,
} from "./path.ts";
export type { PathConverter, PathValues } from "./path-converter.ts";
export { Request } from "./request.ts";
export type { HandlerResult } from "./result.ts";
export { type AnyRoute, type Handler, type ParamsOf, Route } from "./route.ts";
export { RouteConflictError } from "./router.ts";
