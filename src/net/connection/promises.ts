/** The promises that a connection hands out. */

/** For everything that is done at once and has no result. */
export const done: Promise<void> = Promise.resolve();

/**
 * Keeps a rejection that nobody waits for from ending the process: whoever awaits the promise, now or
 * later, still gets the error. What makes it fail is up to the peer, and a peer must not end a process.
 */
export function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(ignore);
  return promise;
}

export function rejected<T>(error: unknown): Promise<T> {
  return quiet<T>(Promise.reject(error));
}

function ignore(): void {}
