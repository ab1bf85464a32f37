/** `socle/net`: byte streams, and the sockets that they come from. */
export {
  type Address,
  AddressError,
  formatAddress,
  parseAddress,
  type TcpAddress,
  type UnixAddress,
} from "./address.ts";
export { BindError, type BoundListener, bind } from "./bind.ts";
export { Listener, type ListenerOptions, type ListenTarget } from "./listener.ts";
export { SocketTransport } from "./socket-transport.ts";
export type { Endpoints, Protocol, Transport } from "./transport.ts";
