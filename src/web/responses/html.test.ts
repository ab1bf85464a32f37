import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { serveApp } from "../../../test/web/serve-app.ts";
import { App, type Html, HtmlTemplateError, type HtmlValue, html } from "../index.ts";

/** What a browser makes of text and quoted attributes that `html` has written. */
function decoded(markup: string): string {
  const characters: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
  return markup.replaceAll(/&(\w+|#39);/g, (_, name: string) => characters[name] as string);
}

/** A template as the compiler makes one, so that cases can be tables. */
function template(texts: string[], ...values: HtmlValue[]): string {
  return String(html(Object.assign([...texts], { raw: texts }) as TemplateStringsArray, ...values));
}

const nasty = `<script>alert("1")</script> & 'x'`;

describe("html`…`", () => {
  it("escapes text and quoted attributes", () => {
    expect(String(html`<p title="${nasty}" lang='${nasty}'>${nasty}</p>`)).toBe(
      `<p title="${escaped}" lang='${escaped}'>${escaped}</p>`,
    );
  });

  const escaped = "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;";

  const values: [string, HtmlValue, string][] = [
    ["nothing", undefined, ""],
    ["null", null, ""],
    ["false", false, ""],
    ["true", true, "true"],
    ["0", 0, "0"],
    ["a bigint", 10n ** 20n, "100000000000000000000"],
    ["a template", html`<b>${"<"}</b>`, "<b>&lt;</b>"],
    ["a list", ["<", html`<b>`, [1, null]], "&lt;<b>1"],
    ["a generator", new Set(["a", "&"]).values(), "a&amp;"],
    ["what is raw", html.raw("<b>&nbsp;"), "<b>&nbsp;"],
    ["JSON", html.json({ a: "</script><!--" }), '{"a":"\\u003c/script\\u003e\\u003c!--"}'],
  ];
  it.each(values)("takes %s", (_, value, expected) => {
    expect(String(html`<p>${value}</p>`)).toBe(`<p>${expected}</p>`);
  });

  it("escapes markup where only text can stand, whatever it is", () => {
    expect(String(html`<p title="${html`<b>${"&"}</b>`}${[html.raw('"'), '"']}">`)).toBe(
      '<p title="&lt;b&gt;&amp;amp;&lt;/b&gt;&quot;&quot;">',
    );
    expect(String(html`<p data-x='${html.json({ a: "'" })}'>`)).toBe(
      "<p data-x='{&quot;a&quot;:&quot;&#39;&quot;}'>",
    );
  });

  it("gives text that a browser reads as what was put in, wherever it stands", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."<>&\"'=/ aé;#x") }), (text) => {
        const page = String(html`<p title="${text}">${text}</p><!-- --><textarea>${text}</textarea>`);
        const read = /^<p title="([^"]*)">([^<]*)<\/p><!-- --><textarea>([^<]*)<\/textarea>$/.exec(page);
        expect(read?.slice(1).map(decoded)).toEqual([text, text, text]);
        // A template in a template is escaped once.
        expect(String(html`${html`${text}`}`)).toBe(String(html`${text}`));
      }),
      { numRuns: 1000 },
    );
  });

  it("lets no value decide that a URL is a script", () => {
    const link = (...values: string[]): string =>
      String(html`<a href="${values[0]}${values[1]}">`).slice('<a href="'.length, -2);
    const bad = [
      "javascript:alert(1)",
      " \u0001JaVaScRiPt:alert(1)",
      "java\tscr\nipt:alert(1)",
      "vbscript:x",
      "data:text/html,<script>",
    ];
    for (const url of bad) {
      expect(link(url)).toBe("about:invalid");
      for (let i = 1; i < url.length; i++) {
        const joined = decoded(link(url.slice(0, i), url.slice(i)));
        expect(joined.replaceAll(/[\t\n]/g, "")).not.toMatch(/^[\0- ]*(?:javascript|vbscript|data):/i);
      }
    }
    const good = [
      "/a?b=javascript:c&d",
      "https://example.com/",
      "data:image/png;base64,",
      "java",
      "javascript",
      "",
    ];
    for (const url of good) expect(decoded(link(url))).toBe(url);
    expect(String(html`<a href="${html.raw("javascript:go(1)")}">`)).toBe('<a href="javascript:go(1)">');
    expect(String(html`<a href="/x/${"javascript:alert(1)"}/${"javascript:a"}">`)).toContain(
      "/x/javascript:",
    );
    expect(template(['<A\nHREF = " ', '">'], "javascript:x")).toBe('<A\nHREF = " about:invalid">');
    expect(String(html`<iframe srcdoc="${"<b>"}${html`<i>${"<"}</i>`}"></iframe>`)).toBe(
      '<iframe srcdoc="&amp;lt;b&amp;gt;&lt;i&gt;&amp;lt;&lt;/i&gt;"></iframe>',
    );
  });

  it("takes attributes that may be there", () => {
    const all = {
      checked: true,
      disabled: false,
      id: undefined,
      value: `"<`,
      tabindex: 0,
      href: "javascript:x",
    };
    expect(String(html`<input ${html.attributes(all)} ${null} name="a" ${html.attributes({})}>`)).toBe(
      '<input checked="" value="&quot;&lt;" tabindex="0" href="about:invalid"  name="a" >',
    );
    for (const name of ["onclick", "ONCLICK", "a b", "a=", "a>", "", "srcdoc", "é"]) {
      expect(() => html.attributes({ [name]: "x" })).toThrow(HtmlTemplateError);
    }
  });

  it("takes JSON in a script that is data, and in a style sheet only what is raw", () => {
    const page = html`<script id=a type="application/json">${html.json(["</script>", "\u2028", 1])}</script><i>${"<"}</i>`;
    expect(String(page)).toBe(
      '<script id=a type="application/json">["\\u003c/script\\u003e","\\u2028",1]</script><i>&lt;</i>',
    );
    const read = /json">(.*)<\/script>/.exec(String(page))?.[1] ?? "";
    expect(JSON.parse(read)).toEqual(["</script>", "\u2028", 1]);
    expect(String(html`<style>${html.raw("a > b {}")}${null}</style>`)).toBe("<style>a > b {}</style>");
  });

  const refused: [string, string[], string][] = [
    ["an attribute without quotes", ["<a href=", ">"], "put quotes around the value of href"],
    ["half an attribute without quotes", ["<a class=a-", ">"], "put quotes around the value of class"],
    ["a tag's name", ["<", ">"], "a tag's name can't be a value"],
    ["half a tag's name", ["<h", ">"], "a tag's name can't be a value"],
    ["an end tag's name", ["<b></", ">"], "a tag's name can't be a value"],
    ["an end tag's attribute", ["<b></b ", ">"], "an end tag has no attributes"],
    ["half an attribute's name", ["<a data-", '="x">'], "an attribute's name can't be a value"],
    ["a whole attribute's name", ["<a ", '="x">'], "has no name before its ="],
    ["what a script's name could precede", ["<a onclick ", ' = "x">'], "has no name before its ="],
    ["an event's script", ['<a ONclick="f(', ')">'], "onclick is a script"],
    ["a URL that is a script", ['<a href="javascript:f(', ')">'], "begins with a scheme that runs"],
    ["a URL's scheme", ['<a href="', '://example.com">'], "the scheme of a URL can't be a value"],
    [
      "a URL's scheme in quotes of the other kind",
      ["<a href='", ":a'>"],
      "the scheme of a URL can't be a value",
    ],
    ["a comment", ["<!-- ", " -->"], "a comment or declaration can't hold a value"],
    ["a declaration", ["<!doctype ", ">"], "a comment or declaration can't hold a value"],
    ["an open tag at its end", ["<a", ""], "a tag's name can't be a value"],
    ["half an end tag in a title", ["<title></title", "></title>"], "a tag's name can't be a value"],
    ["a self-closing script", ["<script/>", ""], "write <script></script>"],
  ];
  it.each(refused)("refuses %s", (_, texts, message) => {
    const values = texts.slice(1).map(() => "");
    expect(() => template(texts, ...values)).toThrow(message);
    expect(() => template(texts, ...values)).toThrow(HtmlTemplateError);
  });

  const unfinished: [string, string][] = [
    ['<a href="', "ends within <a>"],
    ["<b></b", "ends within </b>"],
    ["<script>", "ends within <script>"],
    ["<!-- -- >", "ends in a comment"],
    ["<p", "ends within <p>"],
  ];
  it.each(unfinished)("refuses %j, which is not whole", (text, message) => {
    expect(() => template([text])).toThrow(message);
  });

  it("is not led astray by what only looks like a place", () => {
    const texts = [
      `a < b <3 <!-- <a href= ' --><!--><!doctype html><?x <a href= ?><TITLE><a href=x "</TITLE>`,
      `<a/b=c d='"' e=f/g >it's "`,
      `</p><script>if (a<b) "<a href=x";</scripty></script >`,
      `<textarea><a class=</textareas></textarea\t>`,
      "",
    ];
    expect(template(texts, "<", "<", "<", "<")).toBe(texts.join("&lt;"));
  });

  it("says what is wrong with a value, and where", () => {
    const cases: [unknown, string][] = [
      [Promise.resolve("x"), "await it first"],
      [{ a: 1 }, "not this Object"],
      [new Date(), "not this Date"],
      [() => "x", "not this function"],
      [Symbol("x"), "not this symbol"],
    ];
    for (const [value, message] of cases) {
      expect(() => html`<p title="x">${"a"} and ${value as string}`).toThrow(TypeError);
      expect(() => html`<p title="x">${"a"} and ${value as string}`).toThrow(message);
      expect(() => html`<p title="x">${"a"} and ${value as string}`).toThrow('(value 2, behind " and ")');
    }
    expect(() => html`<script>const a = ${html.json(1)};</script>`).toThrow("would be run");
    expect(() => html`<style>${"a"}</style>`).toThrow("would be run");
    expect(() => html`<script type="application/json">${"a"}</script>`).toThrow("html.json(value)");
    expect(() => html`<input ${"checked"}>`).toThrow("html.attributes");
    expect(() => html.json(undefined)).toThrow("JSON has no form for undefined");
    expect(() => html.json({ a: [1n] })).toThrow('the bigint at "a"[0]');
  });
});

describe("a page", () => {
  const cases: [string, () => Html | ReturnType<typeof html>, number, string][] = [
    ["a template", () => html`<p>${"ä<"}`, 200, "<p>ä&lt;"],
    ["a template with a status", () => html(html`<p>${"<"}`, { status: 404 }), 404, "<p>&lt;"],
    ["a text", () => html("<p>ä", { status: 201 }), 201, "<p>ä"],
  ];
  it.each(cases)("is %s", async (_, make, status, body) => {
    const app = new App();
    app.get("/", make);
    app.get("/later", async () => make());
    const { ask } = await serveApp(app);
    for (const path of ["/", "/later"]) {
      const answer = await ask(`GET ${path}`);
      expect([answer.status, answer.headers.get("content-type"), answer.bytes.toString()]).toEqual([
        status,
        "text/html;charset=UTF-8",
        body,
      ]);
    }
  });

  it("can be part of JSON, as text", () => {
    expect(JSON.stringify({ a: html`<b>` })).toBe('{"a":"<b>"}');
  });
});
