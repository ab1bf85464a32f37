/**
 * The page that shows an API: one piece of HTML that fetches the document and nothing else. Its Content-Security-Policy lets no other
 * script run, and nothing be loaded from elsewhere.
 */
import { createHash } from "node:crypto";
import { Response } from "../../../gateway/response.ts";
import { escapeHtml } from "../../responses/html-escape.ts";
import { script } from "./script.ts";
import { style } from "./style.ts";

export interface ApiPageOptions {
  readonly title: string;
  /** Where the document is. */
  readonly documentUrl: string;
  /** The path that those of the document are below: that of the mount. */
  readonly basePath: string;
  /** Origins that requests may be sent to, besides the page's own. */
  readonly origins: readonly string[];
}

export function apiPage({ title, documentUrl, basePath, origins }: ApiPageOptions): Response {
  const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
<body data-document="${escapeHtml(documentUrl)}" data-base="${escapeHtml(basePath)}">
<div class="shell">
<nav aria-label="Operations">
<header><a href="#">${escapeHtml(title)}</a><small id="version"></small>
<input id="filter" type="search" placeholder="Find ( / )" aria-label="Find" autocomplete="off"></header>
<div class="list" id="list"></div>
</nav>
<main></main>
</div>
<script>${script}</script>
</body>
</html>
`;
  return new Response(page, {
    headers: {
      "content-type": "text/html;charset=UTF-8",
      "content-security-policy": [
        "default-src 'none'",
        `script-src ${hashes.script}`,
        `style-src ${hashes.style}`,
        ["connect-src 'self'", ...origins].join(" "),
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ].join("; "),
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    },
  });
}

/** By these the browser knows what belongs to the page (CSP 3 §2.3.1). */
const hashes = { script: hashOf(script), style: hashOf(style) };

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
