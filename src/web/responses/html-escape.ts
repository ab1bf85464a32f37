/** Text that is to be read as text where markup is read. */

const special = /[&<>"']/;

/** Replaces the characters that mean something in a page's text or in a quoted attribute (HTML, §13.1.2.3 and §13.3). */
export function escapeHtml(text: string): string {
  const first = text.search(special);
  if (first < 0) return text;
  let escaped = "";
  let from = 0;
  for (let i = first; i < text.length; i++) {
    const reference = referenceFor(text.charCodeAt(i));
    if (reference === "") continue;
    escaped += text.slice(from, i) + reference;
    from = i + 1;
  }
  return escaped + text.slice(from);
}

function referenceFor(code: number): string {
  switch (code) {
    case 0x26:
      return "&amp;";
    case 0x3c:
      return "&lt;";
    case 0x3e:
      return "&gt;";
    case 0x22:
      return "&quot;";
    case 0x27:
      return "&#39;";
    default:
      return "";
  }
}
