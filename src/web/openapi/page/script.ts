/**
 * The script of the page that shows an API. It is sent as it stands here, so it is JavaScript; whatever comes out of the document goes
 * into the page as text, never as markup.
 */

export const script: string = String.raw`
"use strict";
const $ = (selector) => document.querySelector(selector);
const verbs = ["get", "post", "put", "patch", "delete", "head", "options", "trace"];
let api;
let operations = [];

/** An element: el("p", { class: "note" }, "text", other) */
function el(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== null));
  return element;
}

function resolve(value) {
  for (let i = 0; value && typeof value.$ref === "string" && i < 20; i++) {
    const path = value.$ref.slice(2).split("/").map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
    value = path.reduce((at, part) => at?.[part], api);
  }
  return value || {};
}

/* Schemas, in words. */

function typeOf(schema) {
  if (schema.$ref) return schema.$ref.split("/").pop();
  if ("const" in schema) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((each) => JSON.stringify(each)).join(" | ");
  const several = schema.anyOf || schema.oneOf;
  if (several) return several.map(typeOf).join(" | ");
  if (schema.allOf) return schema.allOf.map(typeOf).join(" & ");
  if (schema.type === "array") {
    const inner = typeOf(schema.items || {});
    return (inner.includes(" ") ? "(" + inner + ")" : inner) + "[]";
  }
  if (Array.isArray(schema.type)) return schema.type.join(" | ");
  return schema.type || "any";
}

function notesOf(schema) {
  const notes = [];
  if (schema.format) notes.push(schema.format);
  const range = (least, greatest, unit) => {
    if (least === undefined && greatest === undefined) return;
    if (least === greatest) notes.push(least + unit);
    else if (greatest === undefined) notes.push("≥ " + least + unit);
    else if (least === undefined) notes.push("≤ " + greatest + unit);
    else notes.push(least + " to " + greatest + unit);
  };
  const max = schema.maximum === Number.MAX_SAFE_INTEGER ? undefined : schema.maximum;
  range(schema.minimum === Number.MIN_SAFE_INTEGER ? undefined : schema.minimum, max, "");
  range(schema.minLength, schema.maxLength, " characters");
  range(schema.minItems, schema.maxItems, " items");
  if (schema.pattern && !schema.format) notes.push("/" + schema.pattern + "/");
  if ("default" in schema) notes.push("default " + JSON.stringify(schema.default));
  return notes.join(" · ");
}

/** A schema as lines of text, with its members one below the other. */
function drawSchema(schema) {
  const box = el("pre", { class: "schema" });
  const put = (text, kind) => box.append(kind ? el("span", { class: kind }, text) : text);
  function draw(given, indent, seen) {
    const schema = resolve(given);
    const known = given.$ref && seen.includes(given.$ref);
    const path = given.$ref ? [...seen, given.$ref] : seen;
    const several = schema.anyOf || schema.oneOf || schema.allOf;
    if (known) put(typeOf(given), "t");
    else if (several && several.some((each) => resolve(each).properties)) {
      several.forEach((each, i) => {
        if (i > 0) put(schema.allOf ? " & " : " | ");
        draw(each, indent, path);
      });
    } else if (schema.properties) {
      put("{\n");
      for (const [name, member] of Object.entries(schema.properties)) {
        put(indent + "  ");
        put(name, "k");
        put((schema.required || []).includes(name) ? ": " : "?: ");
        draw(member, indent + "  ", path);
        const about = [notesOf(resolve(member)), resolve(member).description].filter(Boolean).join(" · ");
        if (about) put("  " + about, "n");
        put("\n");
      }
      put(indent + "}");
    } else if (schema.type === "array" && schema.items && resolve(schema.items).properties) {
      draw(schema.items, indent, path);
      put("[]", "t");
    } else put(typeOf(schema), "t");
  }
  draw(schema, "", []);
  const about = notesOf(resolve(schema));
  if (about && !resolve(schema).properties) put("  " + about, "n");
  return box;
}

/** A value that the schema might take. */
function exampleOf(given, depth = 0) {
  const schema = resolve(given);
  if ("example" in schema) return schema.example;
  if (schema.examples && schema.examples.length > 0) return schema.examples[0];
  if ("default" in schema) return schema.default;
  if ("const" in schema) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (depth > 5) return null;
  const several = schema.anyOf || schema.oneOf;
  if (several) return exampleOf(several[0], depth + 1);
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((each) => exampleOf(each, depth + 1)));
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case "object":
      return Object.fromEntries(
        Object.entries(schema.properties || {}).map(([name, member]) => [name, exampleOf(member, depth + 1)]),
      );
    case "array":
      return schema.items && (schema.minItems || 0) > 0 ? [exampleOf(schema.items, depth + 1)] : [];
    case "integer":
    case "number":
      return Math.max(schema.minimum ?? 0, 0);
    case "boolean":
      return false;
    case "null":
      return null;
    case "string":
      if (schema.format === "date-time") return new Date().toISOString();
      if (schema.format === "date") return new Date().toISOString().slice(0, 10);
      if (schema.format === "email") return "ada@example.com";
      if (schema.format === "uuid") return "00000000-0000-4000-8000-000000000000";
      return "text";
    default:
      return null;
  }
}

/* The list at the side. */

function groupOf({ operation, path }) {
  return operation.tags?.[0] || path.split("/").find((part) => part && !part.startsWith("{")) || "/";
}

function drawList() {
  const wanted = $("#filter").value.toLowerCase();
  const groups = new Map();
  for (const each of operations) {
    const text = [each.verb, each.path, each.operation.operationId, each.operation.summary].join(" ").toLowerCase();
    if (!wanted.split(" ").every((word) => text.includes(word))) continue;
    const group = groupOf(each);
    if (!groups.has(group)) groups.set(group, []);
    groups.get(group).push(each);
  }
  const current = decodeURIComponent(location.hash.slice(1));
  $("#list").replaceChildren(
    ...[...groups].flatMap(([name, list]) => [
      el("h3", {}, name),
      ...list.map(({ verb, path, operation }) =>
        el(
          "a",
          {
            class: "item" + (operation.deprecated ? " old" : ""),
            href: "#" + encodeURIComponent(operation.operationId),
            title: verb.toUpperCase() + " " + path,
            "aria-current": operation.operationId === current && "page",
          },
          el("span", { class: "verb " + verb }, verb),
          el("span", {}, operation.summary || path),
        ),
      ),
    ]),
  );
  if (groups.size === 0) $("#list").append(el("h3", {}, "Nothing here has these words."));
}

/* The pages. */

function draw() {
  drawList();
  const id = decodeURIComponent(location.hash.slice(1));
  const found = operations.find(({ operation }) => operation.operationId === id);
  $("main").replaceChildren(...(found ? drawOperation(found) : drawOverview()));
  document.title = (found ? (found.operation.summary || found.path) + " · " : "") + api.info.title;
  scrollTo(0, 0);
}

function drawOverview() {
  const { info } = api;
  const about = [info.summary, info.description].filter(Boolean).map((text) => el("p", {}, text));
  const tags = (api.tags || []).map(({ name, description }) => el("div", { class: "field" }, el("b", {}, name), el("p", {}, description || "")));
  const schemas = Object.entries(api.components?.schemas || {}).map(([name, schema]) =>
    el("details", {}, el("summary", {}, el("code", {}, name), schema.description ? el("span", { class: "note" }, "  " + schema.description) : null), drawSchema(schema)),
  );
  const key = el("input", {
    value: sessionStorage.getItem("authorization") || "",
    placeholder: "Bearer …",
    autocomplete: "off",
    input: (event) => sessionStorage.setItem("authorization", event.target.value),
  });
  return [
    el("h1", {}, info.title, el("span", { class: "badge" }, "version " + info.version)),
    ...about,
    el("p", { class: "note" }, operations.length + " operations. The document itself: ", el("a", { href: documentUrl }, el("code", {}, documentUrl))),
    el("h2", {}, "Authorization"),
    el("p", { class: "note" }, "Sent with each request that you try here, and forgotten when this tab is closed."),
    el("div", { class: "key" }, key),
    tags.length > 0 ? el("h2", {}, "Parts") : null,
    tags.length > 0 ? el("div", { class: "fields" }, tags) : null,
    schemas.length > 0 ? el("h2", {}, "Schemas") : null,
    ...schemas,
  ].filter(Boolean);
}

function drawPath(path) {
  return path.split(/(\{[^}]*\})/).map((part) => (part.startsWith("{") ? el("i", {}, part) : part));
}

function drawOperation(each) {
  const { verb, path, operation } = each;
  const parameters = (operation.parameters || []).map(resolve);
  const places = [["path", "Path"], ["query", "Query"], ["header", "Headers"]];
  const about = places.flatMap(([place, title]) => {
    const here = parameters.filter((parameter) => parameter.in === place);
    return here.length === 0 ? [] : [el("h2", {}, title), el("div", { class: "fields" }, here.map(drawParameter))];
  });
  const [type, content] = Object.entries(resolve(operation.requestBody).content || {})[0] || [];
  if (content) about.push(el("h2", {}, "Body ", el("span", { class: "badge" }, type)), drawSchema(content.schema));
  about.push(el("h2", {}, "Answers"));
  for (const [status, given] of Object.entries(operation.responses)) {
    const answer = resolve(given);
    const line = [el("span", { class: "status s" + status[0] }, status), answer.description];
    const schema = Object.values(answer.content || {})[0]?.schema;
    about.push(
      schema
        ? el("details", { open: status[0] === "2" }, el("summary", {}, line), drawSchema(schema))
        : el("div", { class: "said" }, line),
    );
  }
  return [
    el("h1", {}, operation.summary || operation.operationId, operation.deprecated ? el("span", { class: "badge" }, "deprecated") : null),
    el("div", { class: "route mono" }, el("span", { class: "verb " + verb }, verb), el("span", {}, drawPath(path))),
    operation.description ? el("p", {}, operation.description) : null,
    el("div", { class: "columns" }, el("div", {}, about), drawTry(each, parameters, type, content)),
  ].filter(Boolean);
}

function drawParameter({ name, required, description, schema }) {
  return el(
    "div",
    { class: "field" },
    el("b", {}, name),
    el("span", { class: "type" }, [typeOf(resolve(schema)), notesOf(resolve(schema))].filter(Boolean).join(" · ")),
    required ? el("span", { class: "must" }, "required") : null,
    description ? el("p", { class: "note" }, description) : null,
  );
}

/* Trying it out. */

function drawTry(each, parameters, type, content) {
  const inputs = parameters.map((parameter) => {
    const schema = resolve(parameter.schema);
    const isList = schema.type === "array";
    const options = schema.enum || (schema.type === "boolean" ? [true, false] : undefined);
    const input = options
      ? el("select", { required: parameter.required }, ["", ...options].map((option) =>
            el("option", { value: String(option) }, option === "" && "default" in schema ? schema.default + " (default)" : String(option)),
          ))
      : el("input", {
          required: parameter.required,
          autocomplete: "off",
          placeholder: isList ? "one, two" : "default" in schema ? String(schema.default) : "",
        });
    return { parameter, input, isList };
  });
  const isForm = type && !type.includes("json");
  let body;
  if (content) {
    const example = exampleOf(content.schema);
    body = el("textarea", { spellcheck: "false", "aria-label": "Body" });
    body.value = isForm ? new URLSearchParams(example).toString() : JSON.stringify(example, null, 2);
  }
  const answer = el("div", { class: "answer", hidden: true });
  const send = el("button", { type: "submit" }, "Send");
  const request = () => toRequest(each, inputs, isForm ? "application/x-www-form-urlencoded" : type, body?.value);
  const copy = el("button", { class: "plain", type: "button", click: () => copyCurl(request(), copy) }, "Copy as curl");
  const form = el(
    "form",
    {
      submit: (event) => {
        event.preventDefault();
        sendRequest(request(), answer, send);
      },
      keydown: (event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
      },
    },
    inputs.map(({ parameter, input }) =>
      el("label", {}, el("span", {}, parameter.name, parameter.required ? el("em", {}, " *") : null), input),
    ),
    body ? el("label", {}, el("span", {}, isForm ? "form" : "body"), body) : null,
    el("div", { class: "row" }, send, copy),
  );
  return el("aside", { class: "try", "aria-label": "Try it out" }, form, answer);
}

function toRequest({ verb, path, operation }, inputs, type, body) {
  const query = new URLSearchParams();
  const headers = {};
  const authorization = sessionStorage.getItem("authorization");
  if (authorization) headers.authorization = authorization;
  for (const { parameter, input, isList } of inputs) {
    const { name } = parameter;
    if (parameter.in === "path") {
      const values = parameter.description?.startsWith("The rest of the path") ? input.value.split("/") : [input.value];
      path = path.replace("{" + name + "}", values.map(encodeURIComponent).join("/"));
    } else if (input.value === "") continue;
    else if (parameter.in === "header") headers[name] = input.value;
    else for (const value of isList ? input.value.split(",") : [input.value]) query.append(name, value.trim());
  }
  if (body !== undefined) headers["content-type"] = type;
  const server = (operation.servers || api.servers || [{ url: basePath }])[0].url.replace(/\/$/, "");
  const search = query.toString();
  return {
    method: verb.toUpperCase(),
    url: new URL(server + path + (search ? "?" + search : ""), location.href).href,
    headers,
    body,
  };
}

async function sendRequest({ url, ...init }, answer, button) {
  button.disabled = true;
  const began = performance.now();
  try {
    const response = await fetch(url, init);
    const type = response.headers.get("content-type") || "";
    const isText = /json|text|xml|javascript|urlencoded/.test(type);
    const content = isText ? await response.text() : await response.blob();
    const took = Math.round(performance.now() - began);
    let shown = isText ? content : content.size === 0 ? "" : content.size + " bytes of " + type;
    if (/json/.test(type)) {
      try {
        shown = JSON.stringify(JSON.parse(content), null, 2);
      } catch {}
    }
    const fields = [...response.headers].map(([name, value]) => name + ": " + value).join("\n");
    answer.replaceChildren(
      el(
        "div",
        { class: "head" },
        el("span", { class: "status s" + String(response.status)[0] }, response.status + " " + response.statusText),
        el("span", { class: "note" }, took + " ms"),
      ),
      el("details", {}, el("summary", {}, "Headers"), el("pre", {}, fields)),
      el("pre", {}, shown),
    );
  } catch (error) {
    answer.replaceChildren(
      el("div", { class: "failed" }, "No answer: " + error.message),
      el("p", { class: "note" }, "The server can't be reached, or it does not let this page ask it (CORS, Content-Security-Policy)."),
    );
  }
  answer.hidden = false;
  button.disabled = false;
}

function copyCurl({ method, url, headers, body }, button) {
  const quote = (text) => "'" + text.replaceAll("'", "'\\''") + "'";
  const parts = ["curl", quote(url)];
  if (method !== (body === undefined ? "GET" : "POST")) parts.push("-X", method);
  for (const [name, value] of Object.entries(headers)) parts.push("-H", quote(name + ": " + value));
  if (body !== undefined) parts.push("--data-raw", quote(body));
  navigator.clipboard?.writeText(parts.join(" ")).then(() => {
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy as curl"), 1500);
  });
}

/* The beginning. */

const documentUrl = document.body.dataset.document;
const basePath = document.body.dataset.base;
addEventListener("hashchange", draw);
$("#filter").addEventListener("input", drawList);
addEventListener("keydown", (event) => {
  if (event.key !== "/" || /INPUT|TEXTAREA|SELECT/.test(document.activeElement.tagName)) return;
  event.preventDefault();
  $("#filter").focus();
});
fetch(documentUrl)
  .then((response) => (response.ok ? response.json() : Promise.reject(new Error(String(response.status)))))
  .then((document) => {
    api = document;
    operations = Object.entries(api.paths).flatMap(([path, item]) =>
      verbs.filter((verb) => item[verb]).map((verb) => ({ path, verb, operation: item[verb] })),
    );
    $("#version").textContent = api.info.version;
    draw();
  })
  .catch((error) => {
    $("main").replaceChildren(el("h1", {}, "The document can't be read"), el("p", { class: "failed" }, documentUrl + ": " + error.message));
  });
`;
