/** An option that can't be used. The message is one line: which option, what is wrong with it, what would be right. */
export class OptionError extends Error {
  override readonly name = "OptionError";
}

/**
 * Checks a number that an option gives.
 * @throws OptionError unless it is a whole number within the bounds, or undefined
 */
export function checkWholeNumber(
  option: string,
  value: number | undefined,
  least: number,
  most: number,
): void {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return;
  throw new OptionError(`${option} is ${value}, and must be a whole number from ${least} to ${most}`);
}
