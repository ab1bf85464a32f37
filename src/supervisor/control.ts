/**
 * The control socket: what signals do, asked for by name, with an answer. A client sends one line of JSON and gets one back.
 * Only the user that the server runs as can open the socket.
 */
import { jsonLines } from "../net/codecs/json-lines.ts";
import { connect } from "../net/connection/connect.ts";
import type { Connection } from "../net/connection/connection.ts";
import { SocketServer } from "../net/server/socket-server.ts";
import type { SignalActions } from "./signals.ts";
import { type SupervisorStatus, statusOf } from "./status.ts";
import type { Supervisor } from "./supervisor.ts";

export type ControlRequest =
  | { readonly command: "status" }
  | { readonly command: "reload"; readonly wait: boolean }
  | { readonly command: "take-over"; readonly wait: boolean }
  | { readonly command: "scale"; readonly workers: number }
  | { readonly command: "stop"; readonly force: boolean };

export interface ControlAnswer {
  /** Whether it was done, or begun where nobody waits for it. */
  readonly ok: boolean;
  /** One line for the operator. */
  readonly message: string;
  readonly status?: SupervisorStatus;
}

/** Longest line, in bytes: a status of thousands of workers fits. */
const codec = jsonLines<ControlAnswer | ControlRequest>({ max: 4 * 1024 * 1024 });
/** Milliseconds that a client has for its line. */
const patience = 10_000;

export class ControlSocket {
  readonly #server: SocketServer;

  private constructor(server: SocketServer) {
    this.#server = server;
  }

  /**
   * Opens the socket, which only this user can use.
   * @throws BindError if it can't be made
   */
  static async open(path: string, supervisor: Supervisor, actions: SignalActions): Promise<ControlSocket> {
    const server = new SocketServer((connection) => serveClient(connection, supervisor, actions), {
      unixMode: 0o600,
    });
    await server.listen({ kind: "unix", path });
    return new ControlSocket(server);
  }

  async close(): Promise<void> {
    await this.#server.close({ deadline: 1000 });
  }
}

/**
 * Asks a server.
 * @throws ConnectError if there is none at that path
 */
export async function askControl(path: string, request: ControlRequest): Promise<ControlAnswer> {
  await using connection = await connect({ kind: "unix", path });
  const framed = connection.framed(codec);
  await framed.send(request);
  // A reload takes as long as it takes.
  const answer = (await framed.receive({ timeout: 0 })) as ControlAnswer | null;
  return answer ?? { ok: false, message: "the server has ended before it answered" };
}

async function serveClient(
  connection: Connection,
  supervisor: Supervisor,
  actions: SignalActions,
): Promise<void> {
  const framed = connection.framed(codec);
  const request = (await framed.receive({ timeout: patience })) as ControlRequest | null;
  if (request !== null) await framed.send(await execute(request, supervisor, actions));
}

async function execute(
  request: ControlRequest,
  supervisor: Supervisor,
  actions: SignalActions,
): Promise<ControlAnswer> {
  try {
    switch (request.command) {
      case "status":
        return { ok: true, message: supervisor.state, status: statusOf(supervisor) };
      case "reload":
        return await awaited(request.wait, actions.reload(), "reload", actions);
      case "take-over":
        return await awaited(request.wait, actions.handOver(), "take-over", actions);
      case "scale":
        supervisor.scale(request.workers);
        return { ok: true, message: `there are to be ${request.workers} workers` };
      case "stop":
        void supervisor.stop({ force: request.force });
        return { ok: true, message: "the server stops" };
      default:
        return {
          ok: false,
          message: `there is no command ${JSON.stringify((request as { command?: unknown }).command)}`,
        };
    }
  } catch (error) {
    return { ok: false, message: (error as Error).message };
  }
}

async function awaited(
  wait: boolean,
  doing: Promise<string>,
  what: string,
  { log }: SignalActions,
): Promise<ControlAnswer> {
  if (wait) return { ok: true, message: await doing };
  doing.catch((error: Error) => log(error.message));
  return { ok: true, message: `the ${what} has begun` };
}
