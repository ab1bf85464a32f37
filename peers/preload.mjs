/**
 * Loaded before a suite (`--import`): every `http.Server` that it makes listens as ever, but what connects is served by Socle's
 * engine, and the server's listeners by `nodeApplication`. Where Socle's build is, the environment says.
 */
import http from "node:http";
import { syncBuiltinESMExports } from "node:module";

const build = process.env.SOCLE_PEERS_BUILD;
const { HttpServer } = await import(`${build}/http/index.js`);
const { nodeApplication } = await import(`${build}/gateway/node/node-application.js`);
const { transportOf } = await import(`${build}/net/transport/transport-of.js`);

const NodeServer = http.Server;

/** @param {http.Server} server */
function serveBySocle(server) {
  const application = nodeApplication(server);
  let engine = newEngine();

  function newEngine() {
    return new HttpServer((exchange) => application.handleExchange(exchange), { onError: rethrow });
  }

  // In the place of Node's own listener, which would put a parser on each socket. Others are told by the application.
  server.emit = function emit(event, ...values) {
    if (event !== "connection") return NodeServer.prototype.emit.call(this, event, ...values);
    engine.serve(transportOf(values[0]));
    return true;
  };
  server.close = function close(callback) {
    // Connections that idle end, as Node ends them; what is being answered goes on.
    const closing = engine;
    engine = newEngine();
    void closing.close({ idleGrace: 0, deadline: 2 ** 31 - 1 });
    return NodeServer.prototype.close.call(this, callback);
  };
  server.closeIdleConnections = () => {};
  server.closeAllConnections = () => {
    void engine.close({ idleGrace: 0, deadline: 0 });
    engine = newEngine();
  };
  return server;
}

/** What a listener throws has nobody to catch it under `node:http`. */
function rethrow(error) {
  process.nextTick(() => {
    throw error;
  });
}

function Server(...options) {
  return serveBySocle(Reflect.construct(NodeServer, options, new.target ?? NodeServer));
}
Object.setPrototypeOf(Server, NodeServer);
Server.prototype = NodeServer.prototype;

http.Server = Server;
http.createServer = (...options) => new Server(...options);
syncBuiltinESMExports();
