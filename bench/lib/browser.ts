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
