/** Names of files that strangers chose, made fit for a folder of ours. */

const MAX_BYTES = 180;

/** Names that Windows has for devices, whatever stands behind the dot. */
const device = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** The last part of a path, as a plain and visible file's name: it leads nowhere, and no shell or system trips over it. */
export function safeName(path: string): string {
  const last = path.normalize("NFC").split(/[/\\]/).at(-1) ?? "";
  const plain = last
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}<>:"|?*]/gu, "_")
    .replace(/^[.\s]+/, "")
    .replace(/[.\s]+$/, "");
  const name = shorten(plain) || "file";
  return device.test(name) ? `_${name}` : name;
}

/** The name, and then others for when it is taken: `cat.jpg`, `cat (2).jpg`, `cat (3).jpg`, … */
export function* alternatives(name: string): Generator<string> {
  yield name;
  const [stem, ending] = split(name);
  for (let i = 2; i < 1000; i++) yield `${stem} (${i})${ending}`;
}

/** Cuts the stem, at a whole character, so that the name's bytes are not more than a file system takes. */
function shorten(name: string): string {
  const [stem, ending] = split(name);
  let characters = [...stem];
  while (Buffer.byteLength(characters.join("") + ending) > MAX_BYTES) characters = characters.slice(0, -1);
  return characters.join("") + ending;
}

/** `archive.tar` and `.gz`; an ending of more than 20 characters is none. */
function split(name: string): [stem: string, ending: string] {
  const ending = /(?<=.)\.[^.]{1,20}$/u.exec(name)?.[0] ?? "";
  return [name.slice(0, name.length - ending.length), ending];
}
