/** Makes Socle's fetch classes the platform's kin: `instanceof` the platform's classes is then true for objects of ours. */
import { Headers } from "../headers.ts";
import { platformClasses } from "../platform.ts";
import { Request } from "../request.ts";
import { Response } from "../response.ts";

let linked = false;

/**
 * Puts the prototypes of the platform's classes below ours, once for good. Nothing of the platform's is changed. It is left
 * until a fetch application is there, because it makes Node load its own classes, which takes some 50 ms.
 */
export function linkToPlatform(): void {
  if (linked) return;
  linked = true;
  const platform = platformClasses();
  inherit(Request.prototype, platform.Request.prototype);
  inherit(Response.prototype, platform.Response.prototype);
  inherit(Headers.prototype, platform.Headers.prototype);
}

function inherit(ours: object, theirs: object): void {
  const own = Object.getOwnPropertyDescriptors(ours);
  // What two classes of ours share comes from a base class, but a chain has one parent: the members are taken out of it.
  let base = Object.getPrototypeOf(ours) as object;
  for (; base !== Object.prototype; base = Object.getPrototypeOf(base) as object) {
    for (const [name, member] of Object.entries(Object.getOwnPropertyDescriptors(base))) {
      if (!(name in own)) own[name as keyof typeof own] = member as never;
    }
  }
  for (const [name, member] of Object.entries(own) as [string, PropertyDescriptor][]) {
    // As those of the standard's interfaces are (Web IDL §3.7.6, §3.7.7).
    if (name !== "constructor") Object.defineProperty(ours, name, { ...member, enumerable: true });
  }
  Object.setPrototypeOf(ours, theirs);
}
