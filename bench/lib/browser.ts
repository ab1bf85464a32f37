/**
 * What Chrome sends with a page's own `fetch("/hello")`, where the page asks for no referrer: with Host,
 * twelve header lines, in Chrome's order.
 */
export const browserHeaders: readonly (readonly [string, string])[] = [
  ["Connection", "keep-alive"],
  ["sec-ch-ua-platform", '"Linux"'],
  [
    "User-Agent",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
  ],
  ["sec-ch-ua", '"Google Chrome";v="141", "Not?A_Brand";v="8", "Chromium";v="141"'],
  ["sec-ch-ua-mobile", "?0"],
  ["Accept", "*/*"],
  ["Sec-Fetch-Site", "same-origin"],
  ["Sec-Fetch-Mode", "cors"],
  ["Sec-Fetch-Dest", "empty"],
  ["Accept-Encoding", "gzip, deflate, br, zstd"],
  ["Accept-Language", "en-US,en;q=0.9"],
];

/** The same without `Connection: keep-alive`, which a client says that wants the connection closed. */
export const closingHeaders: typeof browserHeaders = [["Connection", "close"], ...browserHeaders.slice(1)];

/**
 * As many clients as given, no two alike: twelve header lines each, as `browserHeaders`, but with the cookie, the
 * browser's build, the language and the system of each. Always the same ones.
 */
export function variedHeaders(count: number): (typeof browserHeaders)[] {
  const random = mulberry32(1);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  return Array.from({ length: count }, (): typeof browserHeaders => {
    const [system, platform] = pick(systems);
    const major = 120 + Math.floor(random() * 22);
    const build = `${major}.0.${6000 + Math.floor(random() * 1400)}.${Math.floor(random() * 200)}`;
    const session = Array.from({ length: 4 }, () =>
      Math.floor(random() * 2 ** 32)
        .toString(16)
        .padStart(8, "0"),
    );
    return [
      ["Connection", "keep-alive"],
      ["sec-ch-ua-platform", `"${platform}"`],
      [
        "User-Agent",
        `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${build} Safari/537.36`,
      ],
      ["sec-ch-ua", `"Google Chrome";v="${major}", "Not?A_Brand";v="8", "Chromium";v="${major}"`],
      ["Cookie", `session=${session.join("")}`],
      ["Accept", pick(["*/*", "application/json", "application/json, text/plain, */*"])],
      ["Sec-Fetch-Site", pick(["same-origin", "same-site", "cross-site"])],
      ["Sec-Fetch-Mode", "cors"],
      ["Sec-Fetch-Dest", "empty"],
      ["Accept-Encoding", "gzip, deflate, br, zstd"],
      ["Accept-Language", pick(languages)],
    ];
  });
}

const systems = [
  ["X11; Linux x86_64", "Linux"],
  ["Windows NT 10.0; Win64; x64", "Windows"],
  ["Macintosh; Intel Mac OS X 10_15_7", "macOS"],
  ["X11; CrOS x86_64 14541.0.0", "Chrome OS"],
  ["Linux; Android 10; K", "Android"],
] as const;

const languages = [
  "en-US,en;q=0.9",
  "de-DE,de;q=0.9,en;q=0.8",
  "fr-FR,fr;q=0.9",
  "zh-CN,zh;q=0.9,en;q=0.8",
  "es-419,es;q=0.9",
  "ja,en-US;q=0.9,en;q=0.8",
  "pt-BR,pt;q=0.9,en-US;q=0.8",
] as const;

/** A small generator of numbers from 0 to 1, the same ones each time (Tommy Ettinger's Mulberry32). */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
