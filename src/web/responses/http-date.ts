/** Times as HTTP writes them (RFC 9110 §5.6.7). */

const imfFixdate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const rfc850 = /^[A-Z][a-z]{2,5}day, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/;
const asctime = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/** Milliseconds since 1970 of one of the three formats; undefined for anything else: such a field is to be ignored. */
export function parseHttpDate(text: string): number | undefined {
  let time: number;
  if (imfFixdate.test(text)) time = Date.parse(text);
  else if (rfc850.test(text)) time = inThePast(Date.parse(text));
  else if (asctime.test(text)) time = Date.parse(`${text} GMT`);
  else return undefined;
  return Number.isNaN(time) ? undefined : time;
}

/** Two digits of a year that would be more than 50 years ahead mean the last such year in the past. */
function inThePast(time: number): number {
  const date = new Date(time);
  while (date.getUTCFullYear() > new Date().getUTCFullYear() + 50) {
    date.setUTCFullYear(date.getUTCFullYear() - 100);
  }
  return date.getTime();
}

/** `Sun, 06 Nov 1994 08:49:37 GMT`. @throws TypeError for a date that is none. */
export function formatHttpDate(time: Date | number): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) throw new TypeError("a date is needed here, and this one is invalid");
  return date.toUTCString();
}
