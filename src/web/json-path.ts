/** Names a place within a JSON value. */

/** Members that are named on the way, counted from the inside: what a client has sent must not fill a message. */
const maxNamed = 8;
const maxKeyLength = 40;

/** `"user"."tags"[2]`, or nothing at the top. */
export function jsonPath(members: readonly (string | number)[]): string {
  let path = members.length > maxNamed ? "…" : "";
  for (const member of members.slice(-maxNamed)) {
    if (typeof member === "number") path += `[${member}]`;
    else path += `${path === "" || path === "…" ? "" : "."}"${member.slice(0, maxKeyLength)}"`;
  }
  return path;
}
