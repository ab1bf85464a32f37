/** Who may connect: lists of addresses and networks. */
import { BlockList, isIPv4 } from "node:net";
import { formatIp, isMapped, parseIp, plainAddress } from "./ip-address.ts";
import { OptionError } from "./option-error.ts";

/** What peers on a Unix socket, who have no address, are named by in a list. */
const UNIX = "unix:";

/**
 * A list of IP addresses (`192.0.2.1`, `2001:db8::1`), networks (`10.0.0.0/8`, `2001:db8::/32`), and `unix:` for whoever
 * comes over a Unix socket.
 */
export class NetworkList {
  // Two, because one BlockList takes an IPv4 address for a member of ::/0.
  readonly #ipv4: BlockList = new BlockList();
  readonly #ipv6: BlockList = new BlockList();
  #unix = false;

  /**
   * @param option the name of the option that the list was given as, for messages
   * @throws OptionError for an entry that is none of these, or that could be read in two ways: a network
   *   with bits set behind its prefix, an IPv4 address written as IPv6, an address with a zone
   */
  constructor(option: string, entries: readonly string[]) {
    for (const entry of entries) {
      if (entry === UNIX) this.#unix = true;
      else this.#add(option, entry);
    }
  }

  /** Whether a peer is on the list. `undefined` stands for a peer without address. */
  has(address: string | undefined): boolean {
    if (address === undefined) return this.#unix;
    const plain = plainAddress(address);
    return isIPv4(plain) ? this.#ipv4.check(plain, "ipv4") : this.#ipv6.check(plain, "ipv6");
  }

  #add(option: string, entry: string): void {
    const wrong = (why: string): OptionError =>
      new OptionError(
        `${option} has ${JSON.stringify(entry)}: ${why}. Write an address such as 192.0.2.1 or 2001:db8::1, a network such as 10.0.0.0/8, or unix:.`,
      );
    const slash = entry.indexOf("/");
    const address = slash < 0 ? entry : entry.slice(0, slash);
    const bytes = parseIp(address);
    if (bytes === undefined) {
      throw wrong(
        address.includes("%")
          ? "an address in a list has no zone"
          : `${JSON.stringify(address)} is not an IP address`,
      );
    }
    if (isMapped(bytes)) throw wrong(`an IPv4 address is written as ${formatIp(bytes.subarray(12))}`);
    const [list, family] =
      bytes.length === 4 ? ([this.#ipv4, "ipv4"] as const) : ([this.#ipv6, "ipv6"] as const);
    const most = bytes.length * 8;
    if (slash < 0) {
      list.addAddress(address, family);
      return;
    }
    const prefixText = entry.slice(slash + 1);
    const prefix = Number(prefixText);
    if (!/^(0|[1-9]\d{0,2})$/.test(prefixText) || prefix > most) {
      throw wrong(`the prefix length is a number from 0 to ${most}`);
    }
    const network = maskedTo(prefix, bytes);
    if (formatIp(network) !== formatIp(bytes)) {
      throw wrong(`it has bits behind its prefix; the network is ${formatIp(network)}/${prefix}`);
    }
    list.addSubnet(address, prefix, family);
  }
}

export interface AccessOptions {
  /** Addresses and networks that may connect. Default: everybody. */
  readonly allow?: readonly string[];
  /** Addresses and networks that may not connect, even if `allow` has them. Default: none. */
  readonly deny?: readonly string[];
}

/** The two lists of a listener. */
export class AccessRules {
  readonly #allow: NetworkList | undefined;
  readonly #deny: NetworkList | undefined;

  /** @throws OptionError */
  constructor({ allow, deny }: AccessOptions) {
    this.#allow = allow === undefined ? undefined : new NetworkList("allow", allow);
    this.#deny = deny === undefined ? undefined : new NetworkList("deny", deny);
  }

  permits(address: string | undefined): boolean {
    if (this.#deny?.has(address) === true) return false;
    return this.#allow === undefined || this.#allow.has(address);
  }
}

/** The address with every bit behind the prefix set to zero. */
function maskedTo(prefix: number, bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, n) => {
    const kept = Math.min(Math.max(prefix - 8 * n, 0), 8);
    return byte & (0xff00 >> kept) & 0xff;
  });
}
