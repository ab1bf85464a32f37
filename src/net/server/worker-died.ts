/**
 * A worker of a socket server has died. The message is one line for the operator; the stack is that of the
 * exception that it died of, where it is known.
 */
export class WorkerDied extends Error {
  override readonly name = "WorkerDied";

  constructor(message: string, exception: Error | null) {
    super(message);
    this.stack = exception?.stack === undefined ? message : `${message}\n${exception.stack}`;
  }
}
