/**
 * Random messages for the fuzzer. Half are made by the grammar, with a part here and there that is wrong in a way that
 * has fooled some parser; half are messages of the corpus, changed, cut, repeated and joined.
 */
import fc from "fast-check";
import { readCorpus } from "./corpus.ts";

const corpus = readCorpus();
/** Messages that are read whole: changes of those get further than changes of what is refused at once. */
const sound = corpus.filter(({ events }) => events.every((event) => !("code" in event)));

/** What readers of messages have stumbled over; put where it does not belong. */
const oddities: readonly string[] = [
  "\r",
  "\n",
  "\r\n",
  "\r\n\r\n",
  "\r\r\n",
  "\n\n",
  "\r\n ",
  "\0",
  "\t",
  "\x0b",
  "\x0c",
  "\x7f",
  "\x85",
  "\xa0",
  "\xff",
  " ",
  ",",
  ";",
  ":",
  "=",
  '"',
  "\\",
  "/",
  "//",
  "#",
  "?",
  "*",
  "@",
  "%",
  "%00",
  "[",
  "]",
  "+",
  "-",
  "_",
  "0",
  "00",
  "0x",
  "1",
  "5",
  "f",
  "g",
  "10",
  "fffffffffffff",
  "18446744073709551616",
  "chunked",
  "identity",
  "close",
  "keep-alive",
  "100-continue",
  "HTTP/1.1",
  "HTTP/1.0",
  "http://a/",
  "Host: a\r\n",
  "Content-Length: 5\r\n",
  "Content-Length: 0\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Connection: close\r\n",
  "Expect: 100-continue\r\n",
  "0\r\n\r\n",
  "5\r\nhello\r\n",
];
const oddity = fc.constantFrom(...oddities);

/** Mostly what should stand there, now and then something else. */
const mostly = (good: fc.Arbitrary<string>, ...bad: string[]): fc.Arbitrary<string> =>
  fc.oneof(
    { arbitrary: good, weight: 60 },
    { arbitrary: fc.constantFrom("", ...bad), weight: 1 },
    { arbitrary: oddity, weight: 1 },
  );

const latin1 = (maxLength: number): fc.Arbitrary<string> =>
  fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes).toString("latin1"));

const crlf = mostly(fc.constant("\r\n"), "\n", "\r");
const whitespace = mostly(fc.constantFrom("", " ", "\t", " \t "));
const token = fc.constantFrom("x", "X-Token", "a_b", "!#$%&'*+-.^_`|~", "accept");
const method = mostly(
  fc.constantFrom("GET", "GET", "POST", "POST", "HEAD", "OPTIONS", "DELETE", "get"),
  "G T",
  "TRACE",
  "CONNECT",
);
const host = mostly(
  fc.constantFrom("a", "a", "a:80", "A", "a:"),
  "b",
  "[::1]:80",
  "127.0.0.1",
  "a,b",
  "u@a",
  "a/",
  "[",
  "a:0",
);
const target = mostly(
  fc.oneof(
    fc.constantFrom("/", "/a?b=c", "//a", "/%00", "/[]|^?\\"),
    fc
      .tuple(fc.constantFrom("http://", "HTTP://"), host, fc.constantFrom("", "/", "/x", "?y"))
      .map((parts) => parts.join("")),
  ),
  "/\\",
  "/#",
  "*",
  "a:80",
  "https://a/",
);
const version = mostly(
  fc.constantFrom("HTTP/1.1", "HTTP/1.1", "HTTP/1.0"),
  "HTTP/1.2",
  "HTTP/2.0",
  "http/1.1",
);

const value = mostly(fc.constantFrom("v", "a, b", "text/plain", "", "\xa0\x85\xff", "a\t b"));
const field = (name: fc.Arbitrary<string>, content: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(name, mostly(fc.constant(":"), " :", ""), whitespace, content, whitespace, crlf)
    .map((parts) => parts.join(""));
const anyField = fc.oneof(
  field(token, value),
  field(
    fc.constantFrom("Connection", "connection"),
    fc.constantFrom("close", "keep-alive", "foo, close", "", "upgrade"),
  ),
  field(fc.constant("Expect"), mostly(fc.constantFrom("100-continue", "100-Continue, ", ""), "x")),
  field(fc.constantFrom("Cookie", "TE", "Accept"), value),
  field(mostly(fc.constant("Range"), "Host", "Content-Type", "Content_Length", "Content-Length"), value),
);
const fields = fc.array(anyField, { maxLength: 4 }).map((lines) => lines.join(""));

const size = (length: number): fc.Arbitrary<string> =>
  mostly(
    fc.constantFrom(length.toString(16), length.toString(16).toUpperCase(), `00${length.toString(16)}`),
    String(length + 1),
    `0x${length}`,
  );
const extension = mostly(
  fc.constantFrom("", "", "", ";a", ";a=b", ' ; a = "b;\\"" ', ";a;b=c"),
  ";",
  ";=",
  ';"',
);
const chunk = latin1(40).chain((data) =>
  fc.tuple(size(data.length), extension, crlf, fc.constant(data), crlf).map((parts) => parts.join("")),
);
const chunks = fc
  .tuple(
    fc.array(chunk, { maxLength: 4 }),
    mostly(fc.constantFrom("0", "00")),
    extension,
    crlf,
    fc.oneof(fc.constant(""), fields),
    crlf,
  )
  .map(([pieces, ...last]) => pieces.join("") + last.join(""));

/** The lines that frame content, and the content. */
const framed: fc.Arbitrary<readonly [string, string]> = fc.oneof(
  fc.constant(["", ""] as const),
  latin1(60).chain((content) =>
    field(
      fc.constantFrom("Content-Length", "content-length"),
      mostly(fc.constant(String(content.length)), "+1", "1, 1", "01"),
    ).map((line) => [line, content] as const),
  ),
  fc
    .tuple(
      field(
        fc.constant("Transfer-Encoding"),
        mostly(fc.constantFrom("chunked", "Chunked"), "gzip, chunked", ",chunked", "xchunked"),
      ),
      chunks,
    )
    .map(([line, content]) => [line, content] as const),
);

const made: fc.Arbitrary<string> = fc
  .tuple(
    fc.tuple(method, mostly(fc.constant(" ")), target, mostly(fc.constant(" ")), version, crlf),
    mostly(field(fc.constantFrom("Host", "host"), host)),
    fields,
    framed,
    fields,
    crlf,
  )
  .map(
    ([line, hostLine, before, [framing, content], after, end]) =>
      line.join("") + hostLine + before + framing + after + end + content,
  );

type Change = (text: string) => string;

/** Positions are fractions, so that a change means something for any length; without a liking for the ends, which fool nobody. */
const fraction = fc.noBias(fc.nat(9999)).map((n) => n / 10_000);
const at = (text: string, where: number): number => Math.floor(where * text.length);
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(fraction, oddity).map(
    ([where, what]): Change =>
      (text) => {
        const i = at(text, where);
        return text.slice(0, i) + what + text.slice(i);
      },
  ),
  fc.tuple(fraction, oddity).map(
    ([where, what]): Change =>
      (text) => {
        const i = at(text, where);
        return text.slice(0, i) + what + text.slice(i + what.length);
      },
  ),
  fc.tuple(fraction, fc.nat(8)).map(
    ([where, length]): Change =>
      (text) => {
        const i = at(text, where);
        return text.slice(0, i) + text.slice(i + length);
      },
  ),
  fc.tuple(fraction, fc.nat(30)).map(
    ([where, length]): Change =>
      (text) => {
        const i = at(text, where);
        return text.slice(0, i + length) + text.slice(i);
      },
  ),
  fc.tuple(fraction, fc.nat(255)).map(
    ([where, byte]): Change =>
      (text) => {
        const i = at(text, where);
        return text.slice(0, i) + String.fromCharCode(byte) + text.slice(i + 1);
      },
  ),
  fraction.map(
    (where): Change =>
      (text) =>
        text.slice(0, at(text, where)),
  ),
);

const changed: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom(...corpus, ...sound, ...sound, ...sound), fc.array(change, { maxLength: 4 }))
  .map(([{ bytes }, changes]) => changes.reduce((text, apply) => apply(text), bytes.toString("latin1")));

/** Bytes that a client might send on one connection, as latin1. */
export const connectionBytes: fc.Arbitrary<string> = fc
  .array(fc.oneof(made, changed), { minLength: 1, maxLength: 3 })
  .map((messages) => messages.join(""));

/** How bytes may be split: fractions of their length. */
export const cuts: fc.Arbitrary<number[]> = fc.array(fraction, { maxLength: 6 });
