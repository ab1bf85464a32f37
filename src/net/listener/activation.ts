/**
 * Socket activation: systemd binds a service's sockets and starts it with them (sd_listen_fds(3)). They begin at
 * descriptor 3; `LISTEN_PID` says whom they are for, `LISTEN_FDS` how many they are, `LISTEN_FDNAMES` what they are called.
 */

/** A socket that was handed over. */
export interface ActivationSocket {
  readonly fd: number;
  /** `FileDescriptorName=` of its unit, by default the unit's name (`web.socket`). Several can have the same. */
  readonly name: string;
}

/** What was handed over can't be used. The message is one line that says why and what to do. */
export class ActivationError extends Error {
  override readonly name = "ActivationError";
}

const FIRST = 3;

let handedOver: readonly ActivationSocket[] | undefined;

/**
 * The sockets that this process was started with; none when it was not. The environment is read by the first call,
 * and the three variables taken out of it, so that no child takes them for its own.
 * @throws ActivationError
 */
export function activationSockets(): readonly ActivationSocket[] {
  handedOver ??= takeActivation(process.env, process.pid);
  return handedOver;
}

/**
 * Reads the variables, and takes them out.
 * @throws ActivationError
 */
export function takeActivation(environment: NodeJS.ProcessEnv, pid: number): readonly ActivationSocket[] {
  const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES } = environment;
  delete environment["LISTEN_PID"];
  delete environment["LISTEN_FDS"];
  delete environment["LISTEN_FDNAMES"];
  // For another process, of which this one is a child.
  if (LISTEN_FDS === undefined || LISTEN_PID !== String(pid)) return [];
  const count = Number(LISTEN_FDS);
  if (!/^\d{1,4}$/.test(LISTEN_FDS)) {
    throw new ActivationError(`LISTEN_FDS is ${JSON.stringify(LISTEN_FDS)}, and must be a number of sockets`);
  }
  const names = LISTEN_FDNAMES === undefined ? undefined : LISTEN_FDNAMES.split(":");
  if (names !== undefined && names.length !== count && count > 0) {
    throw new ActivationError(
      `LISTEN_FDNAMES has ${names.length} names for the ${count} sockets of LISTEN_FDS: ${JSON.stringify(LISTEN_FDNAMES)}`,
    );
  }
  // sd_listen_fds_with_names(3) calls them so.
  return Array.from({ length: count }, (_, n) => ({ fd: FIRST + n, name: names?.[n] ?? "unknown" }));
}

/**
 * The descriptor of the socket with a name; with an empty name, of the only socket.
 * @throws ActivationError when there is none, or more than one
 */
export function findActivated(
  name: string,
  sockets: readonly ActivationSocket[] = activationSockets(),
): number {
  if (sockets.length === 0) {
    throw new ActivationError(
      "no socket was handed over by systemd. Start the service by its socket unit; LISTEN_PID must be this process, so let ExecStart= run it without a shell or npx between.",
    );
  }
  const found = name === "" ? sockets : sockets.filter((socket) => socket.name === name);
  const [first] = found;
  if (found.length === 1 && first !== undefined) return first.fd;
  const list = sockets.map((socket) => `${socket.name} (fd://${socket.fd})`).join(", ");
  const what =
    name === ""
      ? "several sockets were"
      : first === undefined
        ? `no socket ${name} was`
        : `several sockets ${name} were`;
  throw new ActivationError(`${what} handed over by systemd. There are: ${list}. Name one of them.`);
}
