/** Pages by a template engine, whichever. */
import type { Response } from "../gateway/response.ts";
import type { ContentInit } from "./responses/content.ts";
import { html } from "./responses/html.ts";

/** What renders a template by its name: an `Eta`, an `Environment` of Nunjucks, or an object of yours around another. */
export interface TemplateEngine {
  render(name: string, data: object): string | Promise<string>;
}

export interface TemplateOptions {
  /**
   * What every template is given, and the handler's own data comes before: `{ urlFor: app.urlFor.bind(app) }`. A function is called for
   * each page, and can look at what is current (`socle/globals`). Default: nothing.
   */
  readonly defaults?: object | (() => object);
}

/**
 * Answers with a page: `return render("note", { title })`.
 * @param name as the engine names its templates. It should not be a client's.
 * @returns rejected with what the engine throws.
 */
export type RenderTemplate = (name: string, data?: object, init?: ContentInit) => Promise<Response>;

/**
 * A function that answers with an engine's pages. It is the engine that escapes what is put into them: see that it does so by default.
 *
 *     const render = templates(new Eta({ views: "views" }));
 *     app.get("/", () => render("index", { title: "Notes" }));
 *
 * @throws TypeError for what is no engine.
 */
export function templates(engine: TemplateEngine, options: TemplateOptions = {}): RenderTemplate {
  if (typeof engine?.render !== "function") {
    throw new TypeError("a template engine is an object with a method render(name, data)");
  }
  const { defaults } = options;
  return async (name, data, init) => {
    const common = typeof defaults === "function" ? defaults() : defaults;
    const page: unknown = await engine.render(name, { ...common, ...data });
    if (typeof page !== "string") {
      throw new TypeError(`the template engine gave no text for ${JSON.stringify(name)}: ${typeof page}`);
    }
    return html(page, init);
  };
}
