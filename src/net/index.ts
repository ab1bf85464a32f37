/** `socle/net`: byte streams, and the sockets that they come from. */

export {
  type Address,
  AddressError,
  type DescriptorAddress,
  formatAddress,
  type ListenAddress,
  parseAddress,
  parseListenAddress,
  type SystemdAddress,
  type TcpAddress,
  type UnixAddress,
} from "./address.ts";
export { ByteBuffer } from "./codecs/byte-buffer.ts";
export type { Codec, Decoder } from "./codecs/codec.ts";
export { type DelimitedOptions, delimited, type LineOptions, lines } from "./codecs/delimiters.ts";
export { type JsonLineOptions, jsonLines } from "./codecs/json-lines.ts";
export {
  type LengthPrefixOptions,
  lengthPrefixed,
  type NetstringOptions,
  netstrings,
} from "./codecs/lengths.ts";
export type { TextOptions } from "./codecs/utf8.ts";
export { ConnectError, type ConnectOptions, type ConnectTlsOptions, connect } from "./connection/connect.ts";
export {
  Connection,
  type ConnectionOptions,
  type ReadOptions,
  type TextReadOptions,
} from "./connection/connection.ts";
export type { Framed } from "./connection/framed.ts";
export type { WaitOptions } from "./connection/stream-reader.ts";
export { ConnectionLost, EndOfStream, InvalidData, LimitExceeded, Timeout } from "./errors.ts";
export type { AcceptOptions, ProxyProtocolOptions, RefusalReason } from "./listener/accept-options.ts";
export type { AccessOptions } from "./listener/access.ts";
export { ActivationError, type ActivationSocket, activationSockets } from "./listener/activation.ts";
export type { AdmissionOptions } from "./listener/admission.ts";
export { BindError, type BindOptions, type BoundListener, bind } from "./listener/bind.ts";
export { AcceptError, Listener, type ListenerOptions, type ListenTarget } from "./listener/listener.ts";
export { OptionError } from "./listener/option-error.ts";
export {
  type ProxyHeader,
  ProxyHeaderError,
  ProxyHeaderParser,
  type ProxyResult,
  type ProxyTlv,
} from "./listener/proxy-protocol.ts";
export type { TlsCertificate, TlsOptions } from "./listener/tls-options.ts";
export type { CloseReport } from "./server/connection-runner.ts";
export { type ConnectionHandler, Handler, type HandlerClass, type HandlerModule } from "./server/handler.ts";
export { HandlerModuleError } from "./server/handler-module.ts";
export type { Model } from "./server/model.ts";
export { SocketServer, type SocketServerOptions } from "./server/socket-server.ts";
export { WorkerDied } from "./server/worker-died.ts";
export { type TransportPairOptions, transportPair } from "./transport/memory-transport.ts";
export type { ProxiedEndpoints } from "./transport/proxied-endpoints.ts";
export { SocketTransport } from "./transport/socket-transport.ts";
export type { TlsFacts } from "./transport/tls-facts.ts";
export type { Endpoints, Protocol, Transport } from "./transport/transport.ts";
