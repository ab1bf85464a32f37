/**
 * Finds out, from the text of a template alone, where each of its values stands, and refuses the places that no escaping makes
 * safe. It reads the text as a browser does (HTML, §13.2.5 Tokenization), but is content with less: what a browser would forgive
 * is an error here where it would leave open what a value is.
 */

/** Where a value stands, and so what may stand there. */
export type Place =
  /** Text, where markup can stand as well. */
  | "text"
  /** A quoted attribute. */
  | "attribute"
  /** The beginning of a URL in a quoted attribute: whatever decides its scheme. */
  | "url"
  /** A quoted `srcdoc`, which is a page in an attribute. */
  | "page"
  /** Between the attributes of a tag: more attributes. */
  | "attributes"
  /** A script that is data. */
  | "data"
  /** A script or a style sheet. */
  | "code";

/** One value's place in a template. */
export interface Hole {
  readonly place: Place;
  /** Of a URL: what stands before the value, since the attribute's beginning or the value before. */
  readonly prefix: string;
  /** Of a URL: whether a value of the same attribute stands before this one. */
  readonly continues: boolean;
}

/** A template that puts a value where no escaping makes it safe. */
export class HtmlTemplateError extends Error {
  override readonly name = "HtmlTemplateError";
}

type State =
  | "text"
  | "tag opening"
  | "tag name"
  | "between attributes"
  | "attribute name"
  | "after attribute name"
  | "before value"
  | "quoted value"
  | "unquoted value"
  | "declaration"
  | "comment"
  | "element of text";

/** Elements whose content is text to their end tag. In the first two, nothing is decoded. */
const elementsOfText = new Set(["script", "style", "title", "textarea"]);

/** Attributes whose value is a URL that a browser follows or loads. `to` and `from` are those of SVG's animated links. */
const urlAttributes = new Set([
  "action",
  "background",
  "cite",
  "data",
  "formaction",
  "from",
  "href",
  "manifest",
  "poster",
  "src",
  "to",
  "xlink:href",
]);

const asciiLetter = /[a-z]/i;
const space = /[\t\n\f\r ]/;

/**
 * The places of a template's values.
 * @throws HtmlTemplateError for a value where a tag's or an attribute's name stands, in an attribute that is not quoted or that is a
 *   script (`onclick`), in a comment; for a URL that begins with `javascript:`; and for a template that ends in the middle of a tag.
 */
export function holesOf(strings: readonly string[]): Hole[] {
  const reader = new TemplateReader();
  const holes: Hole[] = [];
  for (const [i, text] of strings.entries()) {
    reader.read(text);
    if (i < strings.length - 1) holes.push(reader.hole());
  }
  reader.end();
  return holes;
}

class TemplateReader {
  #state: State = "text";
  /** Of the tag that is open, or of the element of text; in lower case. */
  #tag = "";
  #isEndTag = false;
  #attribute = "";
  #quote = "";
  /** What the attribute holds so far, since its beginning or its last value. */
  #value = "";
  #continues = false;
  /** Of a URL: whether its scheme, or that it has none, is plain from the template. */
  #isDecided = false;
  /** Of a script. */
  #type = "";
  /** All that was read, for messages. */
  #before = "";
  #text = "";
  #at = 0;

  read(text: string): void {
    this.#text = text;
    for (this.#at = 0; this.#at < text.length; this.#at++) this.#take(text[this.#at] as string);
    this.#before = `${this.#before}${text}`;
  }

  /** A value stands where the text read so far has ended. */
  hole(): Hole {
    const place = this.#placeOfHole();
    const hole = { place, prefix: this.#value, continues: this.#continues };
    if (this.#state === "quoted value") {
      this.#continues = true;
      this.#value = "";
    }
    if (this.#state === "after attribute name") this.#state = "between attributes";
    this.#before = `${this.#before}\${…}`;
    return hole;
  }

  end(): void {
    const state = this.#state;
    if (state === "text") return;
    const where =
      state === "comment" || state === "declaration"
        ? "in a comment or declaration that is not closed"
        : `within <${this.#isEndTag ? "/" : ""}${this.#tag}>, which is not closed`;
    throw this.#error(
      `a template must be whole, so that it can stand anywhere in another, but this one ends ${where}`,
    );
  }

  #placeOfHole(): Place {
    switch (this.#state) {
      case "text":
        return "text";
      case "element of text":
        if (/<\/?[a-z]*$/i.test(this.#before)) throw this.#error("a tag's name can't be a value");
        if (this.#tag === "script") return isDataType(this.#type) ? "data" : "code";
        return this.#tag === "style" ? "code" : "text";
      case "tag opening":
      case "tag name":
        throw this.#error("a tag's name can't be a value (for the sign itself write &lt;)");
      case "between attributes":
      case "after attribute name":
        if (this.#isEndTag) throw this.#error("an end tag has no attributes");
        return "attributes";
      case "attribute name":
        throw this.#error(
          "an attribute's name can't be a value: between attributes, with a space before, html.attributes({ … }) can stand",
        );
      case "before value":
      case "unquoted value":
        throw this.#error(`put quotes around the value of ${this.#attribute}: ${this.#attribute}="\${…}"`);
      case "quoted value":
        return this.#placeInAttribute();
      case "comment":
      case "declaration":
        throw this.#error("a comment or declaration can't hold a value: take it out");
    }
  }

  #placeInAttribute(): Place {
    const name = this.#attribute;
    if (isScriptAttribute(name)) {
      throw this.#error(
        `${name} is a script, and a value in it would be run: put the value in a data- attribute, and read that in the script`,
      );
    }
    if (name === "srcdoc") return "page";
    if (!urlAttributes.has(name)) return "attribute";
    this.#checkScheme();
    if (!this.#continues && isScriptUrl(this.#value)) {
      throw this.#error(`${name} begins with a scheme that runs what follows: a value in it would be run`);
    }
    if (/[:/?#]/.test(this.#value)) this.#isDecided = true;
    return this.#isDecided ? "attribute" : "url";
  }

  /** A value that has turned out to be a scheme could be `javascript`. */
  #checkScheme(): void {
    if (!this.#continues || this.#isDecided || !urlAttributes.has(this.#attribute)) return;
    if (!/^[^:/?#]*:/.test(this.#value)) return;
    throw this.#error(
      `the scheme of a URL can't be a value alone: put the whole URL in ${this.#attribute}="\${…}"`,
    );
  }

  #take(character: string): void {
    switch (this.#state) {
      case "text":
        if (character === "<") this.#open();
        return;
      case "tag opening":
        this.#takeTagOpening(character);
        return;
      case "tag name":
        if (space.test(character) || character === "/") this.#state = "between attributes";
        else if (character === ">") this.#closeTag();
        else this.#tag += character.toLowerCase();
        return;
      case "between attributes":
      case "after attribute name":
        this.#takeInTag(character);
        return;
      case "attribute name":
        if (space.test(character)) this.#state = "after attribute name";
        else if (character === "/" || character === ">" || character === "=") this.#takeInTag(character);
        else this.#attribute += character.toLowerCase();
        return;
      case "before value":
        if (space.test(character)) return;
        this.#value = "";
        this.#continues = false;
        this.#isDecided = false;
        if (character === '"' || character === "'") {
          this.#quote = character;
          this.#state = "quoted value";
        } else if (character === ">") {
          this.#closeTag();
        } else {
          this.#value = character;
          this.#state = "unquoted value";
        }
        return;
      case "quoted value":
        if (character === this.#quote) this.#endValue();
        else this.#value += character;
        return;
      case "unquoted value":
        if (!space.test(character) && character !== ">") {
          this.#value += character;
          return;
        }
        this.#endValue();
        if (character === ">") this.#closeTag();
        return;
      case "declaration":
        if (character === ">") this.#state = "text";
        return;
      case "comment":
        this.#takeInComment(character);
        return;
      case "element of text":
        this.#takeInElementOfText(character);
        return;
    }
  }

  /** At a `<` in text. */
  #open(): void {
    if (this.#text.startsWith("<!--", this.#at)) {
      this.#state = "comment";
      this.#at += 3;
      // These two are closed at once (§13.2.5.43).
      const closed = /^-?>/.exec(this.#text.slice(this.#at + 1));
      if (closed === null) return;
      this.#at += closed[0].length;
      this.#state = "text";
      return;
    }
    this.#isEndTag = false;
    this.#tag = "";
    this.#type = "";
    this.#attribute = "";
    this.#state = "tag opening";
  }

  /** Behind `<` or `</`. */
  #takeTagOpening(character: string): void {
    if (asciiLetter.test(character)) {
      this.#tag = character.toLowerCase();
      this.#state = "tag name";
    } else if (character === "/" && !this.#isEndTag) {
      this.#isEndTag = true;
    } else if (character === "!" || character === "?" || this.#isEndTag) {
      this.#state = character === ">" ? "text" : "declaration";
    } else {
      this.#state = "text";
      this.#take(character);
    }
  }

  /** Behind a tag's name, an attribute's, or its value. */
  #takeInTag(character: string): void {
    if (space.test(character)) return;
    if (character === ">") this.#closeTag();
    else if (character === "/") this.#state = "between attributes";
    else if (character !== "=") {
      this.#attribute = character.toLowerCase();
      this.#state = "attribute name";
    } else if (this.#state === "between attributes") {
      throw this.#error(`an attribute of <${this.#tag}> has no name before its =`);
    } else {
      this.#state = "before value";
    }
  }

  #endValue(): void {
    this.#checkScheme();
    if (this.#attribute === "type") this.#type = this.#continues ? "" : this.#value.trim().toLowerCase();
    this.#state = "between attributes";
  }

  #closeTag(): void {
    const isText = !this.#isEndTag && elementsOfText.has(this.#tag);
    if (isText && this.#text[this.#at - 1] === "/") {
      throw this.#error(
        `write <${this.#tag}></${this.#tag}>: a browser may not take the short form as closed`,
      );
    }
    this.#state = isText ? "element of text" : "text";
  }

  #takeInComment(character: string): void {
    if (character === ">" && /--!?$/.test(this.#text.slice(0, this.#at))) this.#state = "text";
  }

  #takeInElementOfText(character: string): void {
    if (character !== "<") return;
    const rest = this.#text.slice(this.#at, this.#at + this.#tag.length + 3).toLowerCase();
    if (!rest.startsWith(`</${this.#tag}`) || !/[\t\n\f\r />]$/.test(rest)) return;
    this.#isEndTag = true;
    this.#at += this.#tag.length + 1;
    this.#state = "tag name";
  }

  #error(what: string): HtmlTemplateError {
    const shown = this.#before.length > 60 ? `…${this.#before.slice(-60)}` : this.#before;
    return new HtmlTemplateError(`${what} (behind ${JSON.stringify(shown)})`);
  }
}

/** Whether an attribute is a script that a browser runs at an event. */
export function isScriptAttribute(name: string): boolean {
  return name.toLowerCase().startsWith("on");
}

/** Whether an attribute is a URL that a browser follows or loads. */
export function isUrlAttribute(name: string): boolean {
  return urlAttributes.has(name.toLowerCase());
}

/**
 * Whether a URL runs what it holds: `javascript:`, `vbscript:`, and `data:` unless it is a picture, sound or film. Controls and spaces
 * before it, and tabs and line ends anywhere, count for nothing (URL, §4.4).
 */
export function isScriptUrl(url: string): boolean {
  if (!mayBeScript.test(url)) return false;
  return /^(?:javascript|vbscript|data(?!:(?:image|audio|video)\/)):/i.test(url.replaceAll(ignored, ""));
}

const mayBeScript = /^[\0- ]*[jvd]/i;
const ignored = /^[\0- ]+|[\t\n\r]+/g;

/** Whether a script of that type is data. */
function isDataType(type: string): boolean {
  return type.endsWith("json") || type === "importmap" || type === "speculationrules";
}
