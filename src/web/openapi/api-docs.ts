/** The document of an app's API, and a page to read it and to try it out, as a plugin. */
import { mountPathOf } from "../../gateway/mount-path.ts";
import { exchangeOf } from "../../gateway/request.ts";
import type { AnyScope } from "../hooks.ts";
import { json } from "../responses/content.ts";
import type { Plugin } from "../scope.ts";
import { urlFor } from "../url-for.ts";
import type { OpenApiDocument } from "./document-types.ts";
import { type DescribedApp, type OpenApiOptions, openapi } from "./openapi.ts";
import { apiPage } from "./page/page.ts";

export interface ApiDocsOptions extends OpenApiOptions {
  /** Where the document is. Default `/openapi.json`. */
  readonly path?: string;
  /** Where the page is; null for none. Default `/docs`. */
  readonly page?: string | null;
}

/**
 *     app.register(apiDocs({ info: { title: "Notes", version: "1" } }));
 *
 * The document is at `/openapi.json` and the page at `/docs`. It is made when it is first asked for, of all routes of the app that
 * are there by then. The page needs nothing from elsewhere, and sends its requests from the reader's browser.
 */
export function apiDocs(options: ApiDocsOptions): Plugin {
  const { path = "/openapi.json", page = "/docs" } = options;
  return (scope) => {
    let document: OpenApiDocument | undefined;
    const documentRoute = scope.get(path, { hidden: true }, () => {
      document ??= openapi(appOf(scope), options);
      return json(document, { etag: true });
    });
    if (page === null) return;
    const origins = (options.servers ?? []).flatMap(({ url }) =>
      URL.canParse(url) ? new URL(url).origin : [],
    );
    scope.get(page, { hidden: true }, (request) =>
      apiPage({
        title: options.info.title,
        documentUrl: urlFor(documentRoute, {}, { request }),
        basePath: mountPathOf(exchangeOf(request)),
        origins,
      }),
    );
  };
}

/** The app that a scope is in by the time that a request comes. */
function appOf(scope: AnyScope): DescribedApp {
  return scope.parent === undefined ? (scope as unknown as DescribedApp) : appOf(scope.parent);
}
