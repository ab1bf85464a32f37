/** `socle/http`: a strict HTTP/1.1 engine on byte streams. Start reading at request-parser.ts, then http1-connection.ts. */
export { ExchangeError, RequestError } from "./errors.ts";
export type {
  CloseWatcher,
  ConnectionControl,
  Exchange,
  ExchangeHandler,
  HeaderList,
  RequestBody,
  ResponseWriter,
} from "./exchange.ts";
export { FieldSection } from "./field-section.ts";
export { defaultLimits, type HttpLimits } from "./limits.ts";
export {
  DATA,
  END,
  HEAD,
  NEED_DATA,
  type ParserEvent,
  type ParserLimits,
  RequestParser,
} from "./request-parser.ts";
export { type CloseOptions, type CloseReport, HttpServer, type HttpServerOptions } from "./server.ts";
export { reasonPhrase } from "./status.ts";
