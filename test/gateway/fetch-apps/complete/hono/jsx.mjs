/** JSX on the server: elements, components, context, hooks as a server renders them, streams, layouts. */
import { ask } from "../cases.mjs";

export function makeApp({ use }) {
  const { Hono } = use("hono");
  const all = use("hono/jsx");
  const { jsx, createElement, Fragment, createContext, useContext, Suspense, ErrorBoundary } = all;
  const { jsxRenderer, RequestContext, useRequestContext } = use("hono/jsx-renderer");
  const { renderToReadableStream, StreamingContext, Suspense: StreamedSuspense } = use("hono/jsx/streaming");
  const runtime = use("hono/jsx/jsx-runtime");
  const { jsxDEV, Fragment: DevFragment } = use("hono/jsx/jsx-dev-runtime");
  const app = new Hono();

  app.get("/elements", (c) => {
    const Item = all.memo(({ name, children }) => jsx("li", { class: "item" }, name, children));
    const Ref = all.forwardRef(({ label }) => jsx("i", {}, label));
    const first = createElement(Item, { name: "<first>" }, " child");
    return c.html(
      jsx(
        all.StrictMode,
        {},
        jsx(
          "ul",
          { style: { color: "red" }, hidden: true },
          first,
          all.cloneElement(first, { name: "clone" }),
        ),
        jsx(
          Fragment,
          {},
          jsx("br", {}),
          all.Children.toArray(["a", "b"]).length,
          String(all.isValidElement(first)),
        ),
        jsx(Ref, { label: all.version.length > 0 }),
      ),
    );
  });
  app.get("/default", (c) => c.html(all.default.createElement("p", {}, "default")));
  app.get("/runtime", (c) => {
    const { jsx: element, jsxs, jsxAttr, jsxEscape, jsxTemplate, Fragment: Piece } = runtime;
    const parts = jsxs(Piece, {
      children: [
        element("b", { children: "b" }),
        jsxDEV("i", { children: "i" }),
        jsxDEV(DevFragment, { children: "f" }),
      ],
    });
    return c.html(jsxTemplate`<p ${jsxAttr("title", 'a"b')}>${jsxEscape("<x>")}${parts}</p>`);
  });

  const Theme = createContext("light");
  const Themed = () => jsx("b", {}, useContext(Theme));
  app.get("/context", (c) =>
    c.html(jsx("p", {}, jsx(Themed, {}), jsx(Theme.Provider, { value: "dark" }, jsx(Themed, {})))),
  );

  const Hooks = () => {
    const [count] = all.useState(1);
    const [sum] = all.useReducer((a, b) => a + b, 2);
    const [isPending, start] = all.useTransition();
    const [isViewing] = all.useViewTransition();
    const [state] = all.useActionState(() => {}, "state");
    const [optimistic] = all.useOptimistic("optimistic", () => {});
    const ref = all.useRef("ref");
    const made = all.createRef();
    all.useEffect(() => {});
    all.useLayoutEffect(() => {});
    all.useInsertionEffect(() => {});
    all.useImperativeHandle(made, () => ({}), []);
    all.useDebugValue("debug");
    void start;
    all.startTransition(() => {});
    all.startViewTransition(() => {});
    const memo = all.useMemo(() => "memo", []);
    const id = typeof all.useId();
    const call = all.useCallback(() => "called", [])();
    const deferred = all.useDeferredValue("deferred");
    const store = all.useSyncExternalStore(
      () => () => {},
      () => "client",
      () => "server",
    );
    return jsx(
      "p",
      {},
      [
        count,
        sum,
        isPending,
        isViewing,
        state,
        optimistic,
        ref.current,
        made.current,
        memo,
        id,
        call,
        deferred,
        store,
      ]
        .map(String)
        .join(" "),
    );
  };
  app.get("/hooks", (c) => c.html(jsx(Hooks, {})));

  const Later = async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return jsx("b", {}, "later");
  };
  const Used = ({ promise }) => jsx("i", {}, all.use(promise));
  const Faulty = async () => {
    throw new Error("faulty");
  };
  app.get("/suspense", (c) => {
    const stream = renderToReadableStream(
      jsx(
        "div",
        {},
        jsx(Suspense, { fallback: jsx("em", {}, "wait") }, jsx(Later, {})),
        jsx(StreamedSuspense, { fallback: "wait" }, jsx(Used, { promise: Promise.resolve("used") })),
      ),
    );
    return c.body(stream, 200, { "content-type": "text/html", "transfer-encoding": "chunked" });
  });
  app.get("/suspense-nonce", (c) =>
    c.body(
      renderToReadableStream(
        jsx(
          StreamingContext.Provider,
          { value: { scriptNonce: "n1" } },
          jsx(Suspense, { fallback: "wait" }, jsx(Later, {})),
        ),
      ),
    ),
  );
  app.get("/error-boundary", (c) =>
    c.html(jsx(ErrorBoundary, { fallback: jsx("p", {}, "caught") }, jsx(Faulty, {}))),
  );

  app.use(
    "/layout/*",
    jsxRenderer(({ children, title, Layout: _outer }) => jsx("html", {}, jsx("title", {}, title), children), {
      docType: true,
    }),
  );
  app.use(
    "/layout/inner",
    jsxRenderer(({ children, Layout, title }) => jsx(Layout, { title }, jsx("main", {}, children))),
  );
  const Path = () => jsx("p", {}, useRequestContext().req.path, " ", useContext(RequestContext).req.method);
  app.get("/layout/page", (c) => c.render(jsx(Path, {}), { title: "Page" }));
  app.get("/layout/inner", (c) => c.render(jsx(Path, {}), { title: "Inner" }));
  app.use(
    "/streamed",
    jsxRenderer(({ children }) => jsx("html", {}, children), { stream: true }),
  );
  app.get("/streamed", (c) => c.render(jsx(Suspense, { fallback: "wait" }, jsx(Later, {}))));
  return app;
}

export const cases = [
  ask("GET /elements", 200, /<ul.*&lt;first&gt; child.*clone.*<br\/>/),
  ask("GET /default", 200, "<p>default</p>"),
  ask("GET /runtime", 200, '<p title="a&quot;b">&lt;x&gt;<b>b</b><i>i</i>f</p>'),
  ask("GET /context", 200, "<p><b>light</b><b>dark</b></p>"),
  ask("GET /hooks", 200, /^<p>1 2 false .* server<\/p>$/),
  ask("GET /suspense", 200, /wait.*<b>later<\/b>/s),
  ask("GET /suspense-nonce", 200, /nonce="n1"/),
  ask("GET /error-boundary", 200, /caught/),
  ask("GET /layout/page", 200, "<!DOCTYPE html><html><title>Page</title><p>/jsx/layout/page GET</p></html>"),
  ask("GET /layout/inner", 200, /<title>Inner<\/title><main><p>/),
  ask("GET /streamed", 200, /wait.*<b>later<\/b>/s),
];
