/** Pages: the tagged template `html`, which escapes what is put into it, and `html(page)`, which answers with one. */
import { isThenable } from "../../gateway/application.ts";
import { Headers } from "../../gateway/headers.ts";
import type { Response } from "../../gateway/response.ts";
import type { HeaderList } from "../../http/exchange.ts";
import { writeJson } from "../json-writer.ts";
import { type ContentInit, toResponse } from "./content.ts";
import { escapeHtml } from "./html-escape.ts";
import {
  type Hole,
  HtmlTemplateError,
  holesOf,
  isScriptAttribute,
  isScriptUrl,
  isUrlAttribute,
} from "./html-template.ts";

const contentType = "text/html;charset=UTF-8";
const htmlType = new Headers({ "content-type": contentType });

/** The headers of a page that a handler returns as it is. */
export const htmlHeaders: HeaderList = Object.freeze(["content-type", contentType]);

/** What a URL becomes that would run a script: one that leads nowhere. */
const nowhere = "about:invalid";

/**
 * What may stand in a template. `null`, `undefined` and `false` give nothing, `true` and numbers their text; several values are put
 * one after the other.
 */
export type HtmlValue = string | number | bigint | boolean | null | undefined | Html | Iterable<HtmlValue>;

/** Attributes by name. `true` gives the name alone, `false`, `null` and `undefined` nothing. */
export type HtmlAttributes = Readonly<Record<string, string | number | bigint | boolean | null | undefined>>;

/** What a piece of markup is, beside markup. */
type Kind = "markup" | "trusted" | "data" | "attributes";

let make: (text: string, kind: Kind) => Html;
let kindOf: (value: Html) => Kind;

/** Markup in which everything is escaped that has to be: what the template `html` gives. A handler can return it. */
export class Html {
  readonly #text: string;
  readonly #kind: Kind;

  private constructor(text: string, kind: Kind) {
    this.#text = text;
    this.#kind = kind;
  }

  static {
    make = (text, kind) => new Html(text, kind);
    kindOf = (value) => value.#kind;
  }

  toString(): string {
    return this.#text;
  }

  /** In JSON it is a text. */
  toJSON(): string {
    return this.#text;
  }
}

export interface HtmlFunction {
  /**
   * A template that escapes what is put into it:
   *
   *     app.get("/hello", ({ query }) => html`<h1>Hello, ${query.get("name") ?? "you"}</h1>`);
   *
   * It gives what can be returned, and put into other templates. Where a value stands is found out once for each template.
   * @throws HtmlTemplateError where no escaping makes a value safe: in place of a tag's or attribute's name, in an attribute without
   *   quotes or one that is a script (`onclick`), in a script, a style sheet or a comment; and for a template that is not whole.
   * @throws TypeError for a value that is none, such as a promise or an object.
   */
  (template: TemplateStringsArray, ...values: readonly HtmlValue[]): Html;

  /** A page with a status, headers or validators. A text is taken as it is: what was put into it must have been escaped. */
  (page: string | Html, init?: ContentInit): Response;

  /** Markup of your own that a template takes as it is, also in a script or a style sheet. Never a client's. */
  raw(markup: string): Html;

  /**
   * A value as JSON, for `<script type="application/json">${html.json(value)}</script>`, which the page's script reads with
   * `JSON.parse(element.textContent)`; or for a `data-` attribute.
   * @throws TypeError for what JSON has no form for.
   */
  json(value: unknown): Html;

  /**
   * Attributes that may or may not be there: `<input name="done" ${html.attributes({ checked: note.done })}>`.
   * @throws HtmlTemplateError for a name that is none, or that of a script (`onclick`).
   */
  attributes(attributes: HtmlAttributes): Html;
}

export const html: HtmlFunction = Object.assign(
  // Two functions in one, told apart by their first argument.
  (first: TemplateStringsArray | string | Html, ...rest: readonly unknown[]): never => {
    const isTemplate = Array.isArray(first);
    return (
      isTemplate
        ? make(fill(first as TemplateStringsArray, rest), "markup")
        : toResponse(String(first), htmlType, rest[0] as ContentInit | undefined)
    ) as never;
  },
  {
    raw: (markup: string): Html => make(String(markup), "trusted"),
    json: (value: unknown): Html => make(scriptSafe(writeJson(value)), "data"),
    attributes: (attributes: HtmlAttributes): Html => make(writeAttributes(attributes), "attributes"),
  },
);

/** The places of the values, by template: the array of its texts is one object for each place in the source. */
const known = new WeakMap<TemplateStringsArray, readonly Hole[]>();

function fill(template: TemplateStringsArray, values: readonly unknown[]): string {
  let holes = known.get(template);
  if (holes === undefined) {
    holes = analyse(template);
    known.set(template, holes);
  }
  let page = template[0] as string;
  let url = "";
  for (let i = 0; i < holes.length; i++) {
    const hole = holes[i] as Hole;
    const value = values[i];
    if (hole.place === "text") {
      page += typeof value === "string" ? escapeHtml(value) : asMarkup(value, template, i);
    } else if (hole.place === "attribute") {
      page += escapeHtml(typeof value === "string" ? value : asText(value, template, i));
    } else if (hole.place === "url") {
      const text = asText(value, template, i);
      url = hole.continues ? url + hole.prefix + text : hole.prefix + text;
      const isRefused = !isTrusted(value) && isScriptUrl(url);
      if (isRefused) url = nowhere;
      page += isRefused ? nowhere : escapeHtml(text);
    } else {
      page += asSpecial(value, hole, template, i);
    }
    page += template[i + 1] as string;
  }
  return page;
}

function analyse(template: TemplateStringsArray): readonly Hole[] {
  const bad = (template as readonly (string | undefined)[]).indexOf(undefined);
  if (bad >= 0) {
    throw new HtmlTemplateError(
      `a template has an escape that is none: ${JSON.stringify(template.raw[bad])}`,
    );
  }
  return holesOf(template);
}

/** A value in text: markup stays what it is. */
function asMarkup(value: unknown, template: TemplateStringsArray, at: number): string {
  if (value instanceof Html) return value.toString();
  if (typeof value === "object" && isIterable(value)) {
    let markup = "";
    for (const each of value) {
      markup += typeof each === "string" ? escapeHtml(each) : asMarkup(each, template, at);
    }
    return markup;
  }
  return asText(value, template, at);
}

/** A value where only text can stand. It is not escaped. */
function asText(value: unknown, template: TemplateStringsArray, at: number): string {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
    case "bigint":
      return String(value);
    case "boolean":
      return value ? "true" : "";
    case "undefined":
      return "";
    case "object":
      if (value === null) return "";
      if (value instanceof Html) return value.toString();
      if (isIterable(value)) {
        let text = "";
        for (const each of value) text += asText(each, template, at);
        return text;
      }
  }
  throw unfit(value, template, at);
}

/** A value in a place where few may stand. */
function asSpecial(value: unknown, { place }: Hole, template: TemplateStringsArray, at: number): string {
  if (place === "page") return escapeHtml(asMarkupOf(value, template, at));
  if (value === undefined || value === null || value === false || isTrusted(value)) {
    return asText(value, template, at);
  }
  const kind = value instanceof Html ? kindOf(value) : "";
  if (kind === place) return String(value);
  const what = {
    attributes: "between attributes only html.attributes({ … }) can stand",
    data: "in a script that is data only html.json(value) can stand",
    code: `a value in a script or style sheet would be run: put html.json(value) in a <script type="application/json">, and read that`,
  }[place as "attributes" | "data" | "code"];
  throw new HtmlTemplateError(`${what} (${placeOf(template, at)})`);
}

function asMarkupOf(value: unknown, template: TemplateStringsArray, at: number): string {
  return typeof value === "string" ? escapeHtml(value) : asMarkup(value, template, at);
}

function isTrusted(value: unknown): boolean {
  return value instanceof Html && kindOf(value) === "trusted";
}

function isIterable(value: object | null): value is Iterable<unknown> {
  return value !== null && typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] === "function";
}

function unfit(value: unknown, template: TemplateStringsArray, at: number): TypeError {
  const place = placeOf(template, at);
  if (isThenable(value)) return new TypeError(`a template has a promise in it: await it first (${place})`);
  const what = typeof value === "object" ? Object.prototype.toString.call(value).slice(8, -1) : typeof value;
  return new TypeError(
    `a template takes text, numbers, html\`…\` and lists of them, and not this ${what}: say what of it is meant (${place})`,
  );
}

function placeOf(template: TemplateStringsArray, at: number): string {
  return `value ${at + 1}, behind ${JSON.stringify((template[at] as string).slice(-60))}`;
}

/** JSON that ends no script and begins no markup, and is JavaScript as well. */
function scriptSafe(json: string): string {
  return json.replaceAll(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

function writeAttributes(attributes: HtmlAttributes): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(attributes)) {
    checkName(name);
    if (value === undefined || value === null || value === false) continue;
    const text = value === true ? "" : String(value);
    const isRefused = isUrlAttribute(name) && isScriptUrl(text);
    parts.push(`${name}="${isRefused ? nowhere : escapeHtml(text)}"`);
  }
  return parts.join(" ");
}

// A name with other characters would be another to a browser, or several.
function checkName(name: string): void {
  const hint = isScriptAttribute(name)
    ? "it is a script: put the value in a data- attribute, and read that in the script"
    : /^srcdoc$/i.test(name)
      ? "it is a page: write it out, with quotes"
      : /^[\w:@.-]+$/.test(name)
        ? undefined
        : "a name is letters, digits, - and the like";
  if (hint !== undefined)
    throw new HtmlTemplateError(`${JSON.stringify(name)} can't be an attribute here: ${hint}`);
}
