/**
 * Which of a package's public names a running application uses. The list is made of what the package has, and nobody's
 * memory: every export of every path that can be imported, and every member of the objects that the framework
 * hands to an application. An export that is a function counts as used when it is called, or asked with `instanceof`; anything else
 * when it is read.
 */
import { EventEmitter } from "node:events";
import { IncomingMessage, Server, ServerResponse } from "node:http";

const platform = [Object, Function, Error, EventEmitter, IncomingMessage, ServerResponse, Server];
const endsAt = new Set(platform.map(({ prototype }) => prototype));

/** By the conventions of these packages, or the platform's own. */
const notPublic = /^(?:constructor|stack|[_~].*)$/;

export class Features {
  #used = new Map();
  /** Prototypes that count, and the name that they count under. */
  #patched = new Map();

  /** The names, sorted, each with whether it was used. */
  list() {
    return Object.fromEntries([...this.#used].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  declare(feature) {
    if (!this.#used.has(feature)) this.#used.set(feature, false);
  }

  /** A module's exports as an application is to use them. */
  module(path, namespace) {
    const watched = {};
    for (const [name, value] of Object.entries(namespace)) {
      if (name === "module.exports" || name === "__esModule") continue;
      const feature = `${path} ${name}`;
      const note = () => this.#used.set(feature, true);
      const given = isCallable(value) ? watchCalls(value, note) : value;
      this.declare(feature);
      Object.defineProperty(watched, name, {
        enumerable: true,
        get() {
          if (given === value) note();
          return given;
        },
      });
    }
    return watched;
  }

  /** Counts the members of an object, and of its class, from now on: `watch("Context", c)`. */
  watch(name, object) {
    this.#patch(name, object, object);
    let prototype = Object.getPrototypeOf(object);
    for (; prototype !== null && !endsAt.has(prototype); prototype = Object.getPrototypeOf(prototype)) {
      if (!this.#patched.has(prototype)) this.#patch(name, prototype, prototype);
      else if (this.#patched.get(prototype) !== name) continue;
      this.#patched.set(prototype, name);
      // What can't be changed on the class is hidden by a member of the object's.
      this.#patch(name, prototype, object);
    }
  }

  /** Puts members that count in the place of those that `source` has: on it, or on an object of that class where it is fixed. */
  #patch(name, source, target) {
    for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(source))) {
      const { configurable, value, get, set, enumerable, writable } = descriptor;
      if (notPublic.test(key) || isPlatforms(key, value, source)) continue;
      const feature = `${name}.${key}`;
      this.declare(feature);
      if (configurable !== (source === target) || (source !== target && Object.hasOwn(target, key))) continue;
      const note = () => this.#used.set(feature, true);
      const isData = get === undefined && set === undefined;
      let current = value;
      Object.defineProperty(target, key, {
        configurable: true,
        enumerable,
        get() {
          note();
          return isData ? current : get?.call(this);
        },
        set: !(isData ? writable : set)
          ? undefined
          : function (next) {
              note();
              if (!isData) set.call(this, next);
              else if (this === target) current = next;
              else {
                const own = { value: next, configurable: true, enumerable: true, writable: true };
                Object.defineProperty(this, key, own);
              }
            },
      });
    }
  }
}

/** What an object that is a function has as all functions have it, or was given of an EventEmitter's methods. */
function isPlatforms(key, value, source) {
  const ofFunctions = typeof source === "function" && Object.hasOwn(Function.prototype, key);
  return ofFunctions || key === "prototype" || (value !== undefined && value === EventEmitter.prototype[key]);
}

/** A function, and not an object that happens to be one, whose identity is what counts. */
function isCallable(value) {
  return typeof value === "function" && (/^class\b/.test(String(value)) || Object.keys(value).length === 0);
}

function watchCalls(callable, note) {
  const watched = new Proxy(callable, {
    apply(target, self, args) {
      note();
      return Reflect.apply(target, self, args);
    },
    construct(target, args, newTarget) {
      note();
      return Reflect.construct(target, args, newTarget === watched ? target : newTarget);
    },
    get(target, key) {
      if (key === Symbol.hasInstance) note();
      return Reflect.get(target, key);
    },
  });
  return watched;
}
