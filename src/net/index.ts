/** `socle/net`: byte streams, and the sockets that they come from. */
export type { AcceptOptions, ProxyProtocolOptions, RefusalReason } from "./accept-options.ts";
export type { AccessOptions } from "./access.ts";
export { ActivationError, type ActivationSocket, activationSockets } from "./activation.ts";
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
export type { AdmissionOptions } from "./admission.ts";
export { BindError, type BindOptions, type BoundListener, bind } from "./bind.ts";
export { ByteBuffer } from "./byte-buffer.ts";
export type { Codec, Decoder } from "./codec.ts";
export { ConnectError, type ConnectOptions, type ConnectTlsOptions, connect } from "./connect.ts";
export { Connection, type ConnectionOptions, type ReadOptions, type TextReadOptions } from "./connection.ts";
export type { CloseReport } from "./connection-runner.ts";
export { type DelimitedOptions, delimited, type LineOptions, lines } from "./delimiters.ts";
export { ConnectionLost, EndOfStream, InvalidData, LimitExceeded, Timeout } from "./errors.ts";
export type { Framed } from "./framed.ts";
export { type ConnectionHandler, Handler, type HandlerClass, type HandlerModule } from "./handler.ts";
export { HandlerModuleError } from "./handler-module.ts";
export { type JsonLineOptions, jsonLines } from "./json-lines.ts";
export { type LengthPrefixOptions, lengthPrefixed, type NetstringOptions, netstrings } from "./lengths.ts";
export { AcceptError, Listener, type ListenerOptions, type ListenTarget } from "./listener.ts";
export { type TransportPairOptions, transportPair } from "./memory-transport.ts";
export type { Model } from "./model.ts";
export { OptionError } from "./option-error.ts";
export type { ProxiedEndpoints } from "./proxied-endpoints.ts";
export {
  type ProxyHeader,
  ProxyHeaderError,
  ProxyHeaderParser,
  type ProxyResult,
  type ProxyTlv,
} from "./proxy-protocol.ts";
export { SocketServer, type SocketServerOptions } from "./socket-server.ts";
export { SocketTransport } from "./socket-transport.ts";
export type { WaitOptions } from "./stream-reader.ts";
export type { TlsFacts } from "./tls-facts.ts";
export type { TlsCertificate, TlsOptions } from "./tls-options.ts";
export type { Endpoints, Protocol, Transport } from "./transport.ts";
export type { TextOptions } from "./utf8.ts";
export { WorkerDied } from "./worker-died.ts";
