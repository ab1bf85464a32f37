/** A deadline for what has none of its own. */

/**
 * Gives what a promise gives. What it gives later is dropped.
 * @param who names what is waited for, in the message
 * @throws Error when the time is over
 */
export async function inTime<Result>(
  promise: PromiseLike<Result> | Result,
  milliseconds: number,
  who: string,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${who} has not answered in ${milliseconds} ms`)),
      milliseconds,
    );
  });
  try {
    // The race sees to the rejection of the one that comes later, too.
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
