/** socle/gateway: the application interface between the engine and whatever application it serves. */

export { ExchangeError, RequestError } from "../http/errors.ts";
export type { Exchange, ExchangeHandler, HeaderList, RequestBody, ResponseWriter } from "../http/exchange.ts";
export { FieldSection } from "../http/field-section.ts";
export { type Application, isApplication } from "./application.ts";
export { Body } from "./body.ts";
export { Headers, type HeadersInit } from "./headers.ts";
export {
  ImportStringError,
  type LoadedApplication,
  loadApplication,
  parseImportString,
} from "./import-string.ts";
export { type InterimAnswer, MemoryExchange, type MemoryExchangeOptions } from "./memory-exchange.ts";
export { Request } from "./request.ts";
export { Response, type ResponseBody, type ResponseInit } from "./response.ts";
export { type ForeignResponse, isForeignResponse, sendResponse } from "./send.ts";
