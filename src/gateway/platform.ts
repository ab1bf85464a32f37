/**
 * The platform's own fetch classes. They are remembered when this module is loaded, before anyone can have
 * put others in their place, but first touched when asked for: Node loads them lazily, and they cost some
 * milliseconds of start-up.
 */
const response = Object.getOwnPropertyDescriptor(globalThis, "Response");

/** The platform's `Response` class. */
export function platformResponse(): typeof globalThis.Response {
  return (
    response?.get === undefined ? response?.value : response.get.call(globalThis)
  ) as typeof globalThis.Response;
}
