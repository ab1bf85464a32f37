/** The lines of an event stream (HTML standard, §9.2). */

export interface ServerSentEvent {
  /** A text goes out as it is, anything else as JSON. Without data the browser tells no one of the event. */
  readonly data?: unknown;
  /** The type that a page listens to. Default: `message`. */
  readonly event?: string | undefined;
  /** What the browser sends as `Last-Event-ID` when it comes back; "" has it forget the one before. */
  readonly id?: string | undefined;
  /** Milliseconds that the browser is to wait before it comes back. */
  readonly retry?: number | undefined;
  /** What only someone who looks at the stream sees. */
  readonly comment?: string | undefined;
}

/**
 * An event as text.
 * @throws TypeError for what has no form: a line end in `event` or `id`, which would forge other fields; a NUL in `id`; a `retry`
 *   that is no whole number; data that JSON has no form for.
 */
export function formatEvent(event: ServerSentEvent): string {
  const { data, event: type, id, retry, comment } = event;
  let text = comment === undefined ? "" : lines("", comment);
  if (type !== undefined) text += `event: ${oneLine("event", type)}\n`;
  if (data !== undefined) text += lines("data", typeof data === "string" ? data : toJson(data));
  if (id !== undefined) text += `id: ${oneLine("id", id)}\n`;
  if (retry !== undefined) text += retryLine(retry);
  if (text === "") {
    throw new TypeError("the event is empty: give it data, an event, an id, a retry or a comment");
  }
  return `${text}\n`;
}

/** @throws TypeError unless it is a whole number of milliseconds. */
export function retryLine(retry: number): string {
  if (!Number.isSafeInteger(retry) || retry < 0) {
    throw new TypeError(`an event's retry is a whole number of milliseconds, not ${retry}`);
  }
  return `retry: ${retry}\n`;
}

/** A field for each line of a text, whatever ends the lines: a client takes CR, LF and CRLF for the end of one. */
function lines(name: string, text: string): string {
  return `${name}: ${text.replaceAll("\r\n", "\n").replaceAll("\r", "\n").replaceAll("\n", `\n${name}: `)}\n`;
}

function oneLine(name: string, value: string): string {
  // Checked after the conversion: an object's toString may give another text each time.
  const text = String(value);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x0a || code === 0x0d || code === 0) {
      throw new TypeError(
        `an event's ${name} has no line end and no NUL, and this one has: ${JSON.stringify(text)}`,
      );
    }
  }
  return text;
}

function toJson(data: unknown): string {
  const text = JSON.stringify(data);
  if (text === undefined) throw new TypeError(`JSON has no form for ${typeof data}`);
  return text;
}
