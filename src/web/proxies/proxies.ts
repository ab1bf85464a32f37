/** Which proxies are believed, and what is made of their words. */

import { trimmed } from "../../http/chars.ts";
import type { Exchange } from "../../http/exchange.ts";
import type { FieldSection } from "../../http/field-section.ts";
import { NetworkList } from "../../net/listener/access.ts";
import { forwardedElements } from "./forwarded.ts";
import { type Hop, readHop, readHost, readScheme } from "./hop.ts";

export interface ProxyOptions {
  /**
   * The fields that the proxies set: `X-Forwarded-For` and its like, or the standard's `Forwarded` (RFC 7239). The other ones are the
   * client's words. Default `x-forwarded`.
   */
  readonly fields?: "x-forwarded" | "forwarded";
  /**
   * Whether the host that they tell (`X-Forwarded-Host`, or `host=`) is believed as well. Only for proxies that set or remove it
   * themselves: many hand on what the client sends. Default false.
   */
  readonly host?: boolean;
}

/** The client, and what it has asked the outermost proxy for. Undefined is what was not told. */
export interface ProxiedClient extends Hop {
  readonly scheme: Exchange["scheme"] | undefined;
  readonly host: string | undefined;
}

const named: Readonly<Record<string, readonly string[]>> = {
  loopback: ["127.0.0.0/8", "::1"],
  // RFC 1918 and RFC 4193.
  private: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
};

export class Proxies {
  readonly #networks: NetworkList;
  readonly #fields: "x-forwarded" | "forwarded";
  /** Whether what they tell of the host counts. */
  readonly host: boolean;

  /** @throws OptionError for an entry that is no network, TypeError for other fields */
  constructor(networks: readonly string[], { fields = "x-forwarded", host = false }: ProxyOptions) {
    if (fields !== "x-forwarded" && fields !== "forwarded") {
      throw new TypeError(
        `fields of trustProxies() are "x-forwarded" or "forwarded", not ${JSON.stringify(fields)}`,
      );
    }
    const entries = networks.flatMap((entry) =>
      Object.hasOwn(named, entry) ? (named[entry] as string[]) : entry,
    );
    this.#networks = new NetworkList("trustProxies()", entries);
    this.#fields = fields;
    this.host = host;
  }

  /**
   * Who has made a request. The proxies' words are followed from the one that is connected here, as long as the one who was told of is
   * a proxy that is trusted, and can be read. So the client is the first who is not, and what it has sent itself is never looked at.
   * @returns null where no trusted proxy is connected
   */
  clientOf({ connection, headers }: Exchange): ProxiedClient | null {
    const { remoteAddress: address, remotePort: port } = connection;
    if (!this.#networks.has(address)) return null;
    const proxy = { address, port };
    return this.#fields === "forwarded"
      ? this.#followForwarded(proxy, headers.get("forwarded") ?? "")
      : this.#followXForwarded(proxy, headers);
  }

  #followForwarded(proxy: Hop, field: string): ProxiedClient {
    let client = proxy;
    let scheme: ProxiedClient["scheme"];
    let host: string | undefined;
    for (const element of forwardedElements(field)) {
      scheme = readScheme(element.get("proto")) ?? scheme;
      host = readHost(element.get("host")) ?? host;
      const hop = readHop(element.get("for") ?? "");
      if (hop.address === undefined) break;
      client = hop;
      if (!this.#networks.has(hop.address)) break;
    }
    return { address: client.address, port: client.port, scheme, host };
  }

  #followXForwarded(proxy: Hop, headers: FieldSection): ProxiedClient {
    let client = proxy;
    let proxies = 0;
    for (const text of itemsFromEnd(headers.get("x-forwarded-for") ?? "")) {
      proxies++;
      const hop = readHop(text);
      if (hop.address === undefined) break;
      client = hop;
      if (!this.#networks.has(hop.address)) break;
    }
    const told = (name: string): string | undefined => itemOf(headers.get(name), proxies);
    return {
      address: client.address,
      port: client.port,
      scheme: readScheme(told("x-forwarded-proto")),
      host: readHost(told("x-forwarded-host")),
    };
  }
}

/**
 * What the proxy that the client has asked says of the request: with two proxies the last item but one. Most proxies set these
 * fields anew instead of adding to them, so that there are fewer items than proxies; then it is the first.
 */
function itemOf(field: string | undefined, proxies: number): string | undefined {
  if (field === undefined) return undefined;
  let item: string | undefined;
  let left = proxies;
  for (const text of itemsFromEnd(field)) {
    item = text;
    if (--left === 0) break;
  }
  return item;
}

/** The items of a list, the last first. */
function* itemsFromEnd(field: string): Generator<string, undefined> {
  for (let end = field.length; end >= 0; ) {
    const comma = end === 0 ? -1 : field.lastIndexOf(",", end - 1);
    yield trimmed(field, comma + 1, end);
    end = comma;
  }
}
