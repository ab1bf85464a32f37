/** Lists of origins (RFC 6454), as they are written in settings. */

/** Whether an origin, as a browser sends it, is on a list. */
export type OriginMatcher = (origin: string) => boolean;

/** `https://*.example.com`, as what an origin has to begin and to end with. */
interface Wildcard {
  readonly start: string;
  readonly end: string;
}

/**
 * Makes a matcher of origins: `https://example.com`, `https://example.com:8443`, `https://*.example.com` for every host below that one
 * (and not for itself), `null` for the origin of sandboxed frames and local files.
 * @param option names the setting in messages
 * @throws TypeError for an entry that no browser would ever send as an origin
 */
export function originMatcher(option: string, entries: readonly string[]): OriginMatcher {
  const exact = new Set<string>();
  const wildcards: Wildcard[] = [];
  for (const entry of entries) {
    checkOrigin(option, entry);
    const star = entry.indexOf("*.");
    if (star < 0) exact.add(entry);
    else wildcards.push({ start: entry.slice(0, star), end: entry.slice(star + 1) });
  }
  return (origin) => exact.has(origin) || wildcards.some((wildcard) => isBelow(origin, wildcard));
}

/** Whether what stands in the place of the star are labels of a host name, and no more. */
function isBelow(origin: string, { start, end }: Wildcard): boolean {
  if (!origin.startsWith(start) || !origin.endsWith(end)) return false;
  const labels = origin.slice(start.length, -end.length);
  return /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(labels);
}

function checkOrigin(option: string, entry: string): void {
  const shape =
    "an origin is a scheme, a host and maybe a port, as https://example.com; *. may stand before the host";
  const wrong = (why: string): TypeError => new TypeError(`${option} has ${JSON.stringify(entry)}: ${why}`);
  if (typeof entry !== "string") throw wrong("an origin is a text");
  if (entry === "null") return;
  if (entry === "*") throw wrong("for every origin write it alone, and not in a list");
  const parts = /^([a-z][a-z0-9+.-]*:\/\/)(\*\.)?([^/?#@*\s]+)$/.exec(entry);
  if (parts === null) {
    const origin = URL.canParse(entry) ? new URL(entry).origin : "null";
    throw wrong(entry.startsWith(`${origin}/`) ? `an origin has no path: write ${origin}` : shape);
  }
  const [, scheme, , host] = parts;
  if (scheme !== "https://" && scheme !== "http://") return;
  const plain = `${scheme}${host}`;
  if (!URL.canParse(plain)) throw wrong(shape);
  const { origin } = new URL(plain);
  if (origin !== plain) throw wrong(`browsers send ${origin}, so write it like that`);
}
