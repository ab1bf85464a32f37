/** Forms as clients send them, and as none should. */
export const boundary = "x0y1";
export const multipart: Readonly<Record<string, string>> = {
  "content-type": `multipart/form-data; boundary=${boundary}`,
};

/** A part; `head` is what stands behind `form-data`. */
export function part(head: string, content = "", lines = ""): string {
  return `--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n${lines}\r\n${content}\r\n`;
}

export const file = (field: string, name: string, content: string): string =>
  part(`name="${field}"; filename="${name}"`, content, "Content-Type: application/octet-stream\r\n");

export const formOf = (...parts: string[]): string => `${parts.join("")}--${boundary}--\r\n`;
