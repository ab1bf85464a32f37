/**
 * Which hosts a development server answers for. It shows sources to whoever asks, and a page of another site can make a browser
 * ask: it lets its own name point to this machine (DNS rebinding). Its requests name that host, and so are told apart.
 */
import { isIP } from "node:net";
import type { Address } from "../net/address.ts";

export class AllowedHosts {
  readonly #names: ReadonlySet<string>;

  /**
   * @param allowed names, or with a dot before it, all below a name
   * @param bound names that the server was told to listen on
   */
  constructor(allowed: readonly string[], bound: readonly Address[]) {
    const hosts = bound.flatMap((address) => (address.kind === "tcp" ? [address.host] : []));
    this.#names = new Set([...allowed, ...hosts].map((name) => name.toLowerCase()));
  }

  /** Whether requests for that authority are answered. IP addresses are nobody's name, and without a host no browser asks. */
  permits(authority: string): boolean {
    if (authority === "") return true;
    const host = hostOf(authority);
    if (isIP(host) !== 0 || host === "localhost" || host.endsWith(".localhost")) return true;
    for (let name = host; name !== ""; name = parentOf(name)) {
      if (this.#names.has(name === host ? host : `.${name}`)) return true;
    }
    return false;
  }
}

/** The host without port, brackets, and the dot of the DNS's root. */
export function hostOf(authority: string): string {
  const host = authority.startsWith("[")
    ? authority.slice(1, authority.indexOf("]"))
    : authority.replace(/:\d*$/, "");
  return host.toLowerCase().replace(/\.$/, "");
}

function parentOf(name: string): string {
  const dot = name.indexOf(".");
  return dot === -1 ? "" : name.slice(dot + 1);
}
