/**
 * The platform's own fetch classes. Where they are is remembered when this module is loaded, before anyone can have
 * put others in their place, but they are first touched when asked for: Node loads them lazily, and they cost
 * some 50 ms of start-up.
 */
import { inspect } from "node:util";

const names = ["Request", "Response", "Headers"] as const;
const remembered = names.map((name) => Object.getOwnPropertyDescriptor(globalThis, name));

/** The platform's own fetch classes. */
export interface PlatformClasses {
  readonly Request: typeof globalThis.Request;
  readonly Response: typeof globalThis.Response;
  readonly Headers: typeof globalThis.Headers;
}

let classes: PlatformClasses | undefined;

/** The platform's own classes, whatever stands under their names now. */
export function platformClasses(): PlatformClasses {
  if (classes !== undefined) return classes;
  const [Request, Response, Headers] = remembered.map((property) =>
    property?.get === undefined ? property?.value : property.get.call(globalThis),
  );
  return (classes = { Request, Response, Headers });
}

/** The platform's `Response` class. */
export function platformResponse(): PlatformClasses["Response"] {
  return platformClasses().Response;
}

/**
 * Whether a value is one of the platform's own objects of that class. Asking does not load the class: a value's tag is
 * looked at first.
 */
export function isPlatformObject<Name extends keyof PlatformClasses>(
  name: Name,
  value: object,
): value is InstanceType<PlatformClasses[Name]> {
  return (
    Object.prototype.toString.call(value) === `[object ${name}]` &&
    Object.prototype.isPrototypeOf.call(platformClasses()[name].prototype, value)
  );
}

/** What the three classes have in common with the platform's beside the standard's members. */
export interface PlatformLikeness<Ours extends object> {
  readonly name: keyof PlatformClasses;
  isOurs(value: object): boolean;
  /** What `console.log` shows of an object. */
  shown(value: Ours): object;
}

/**
 * Gives a class of ours the tag of the platform's, a look for `console.log`, and what `recogniseAsOurs` does.
 */
export function actAsPlatformClass<Ours extends object>(
  ours: { readonly prototype: Ours },
  { name, isOurs, shown }: PlatformLikeness<Ours>,
): void {
  Object.defineProperty(ours.prototype, Symbol.toStringTag, { value: name, configurable: true });
  Object.defineProperty(ours.prototype, inspect.custom, {
    value(this: Ours, _depth: number, options: object): string {
      return isOurs(this) ? `${name} ${inspect(shown(this), options)}` : `${name} {}`;
    },
  });
  recogniseAsOurs(ours, name, isOurs);
}

/** Makes `value instanceof ours` true for the platform's objects as well. Classes derived from ours are asked about in the usual way. */
export function recogniseAsOurs(
  ours: object,
  name: keyof PlatformClasses,
  isOurs: (value: object) => boolean,
): void {
  Object.defineProperty(ours, Symbol.hasInstance, {
    value(this: unknown, value: unknown): boolean {
      if (typeof value !== "object" || value === null) return false;
      if (this !== ours) return Function.prototype[Symbol.hasInstance].call(this, value);
      return isOurs(value) || isPlatformObject(name, value);
    },
  });
}
