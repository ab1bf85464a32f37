/** The rules on what a WSGI application is called with (PEP 3333, "environ Variables"). */
import { consistsOf, TOKEN } from "../../http/chars.ts";
import { kindOf } from "../wsgi/kind-of.ts";
import type { BreachLog } from "./breach.ts";

const texts = [
  "REQUEST_METHOD",
  "SCRIPT_NAME",
  "PATH_INFO",
  "QUERY_STRING",
  "SERVER_NAME",
  "SERVER_PORT",
  "SERVER_PROTOCOL",
  "REMOTE_ADDR",
  "REMOTE_PORT",
] as const;
const flags = ["wsgi.multithread", "wsgi.multiprocess", "wsgi.run_once"] as const;
const methods = {
  "wsgi.input": ["read", "readline", "readlines", Symbol.asyncIterator],
  "wsgi.errors": ["write", "writelines", "flush"],
} as const;

export function checkEnviron(given: unknown, log: BreachLog): void {
  const tell = (message: string): void => log.tell("bad-environ", message);
  if (typeof given !== "object" || given === null || Object.getPrototypeOf(given) !== null) {
    tell(
      `environ is ${kindOf(given)}: it is an object without a prototype, as any field name may become a key`,
    );
    if (typeof given !== "object" || given === null) return;
  }
  const environ = given as Record<string, unknown>;
  for (const key of texts) {
    if (typeof environ[key] !== "string")
      tell(`environ has ${kindOf(environ[key])} as ${key}: it is a string`);
  }
  for (const key of flags) {
    if (typeof environ[key] !== "boolean")
      tell(`environ has ${kindOf(environ[key])} as ${key}: it is a boolean`);
  }
  for (const [key, names] of Object.entries(methods)) {
    const stream = environ[key] as Record<string | symbol, unknown> | null | undefined;
    for (const name of names) {
      if (typeof stream?.[name] !== "function") tell(`environ has a ${key} without ${String(name)}()`);
    }
  }
  checkValues(environ, tell);
}

function checkValues(environ: Record<string, unknown>, tell: (message: string) => void): void {
  const {
    REQUEST_METHOD: method,
    SCRIPT_NAME: script,
    PATH_INFO: path,
    SERVER_NAME: name,
    SERVER_PORT: port,
    CONTENT_LENGTH: length,
  } = environ;
  if (typeof method === "string" && !consistsOf(method, TOKEN)) {
    tell(`environ has the REQUEST_METHOD ${JSON.stringify(method)}: it is a token`);
  }
  if (typeof script === "string" && !/^(?:\/.*[^/])?$/s.test(script)) {
    tell(
      `environ has the SCRIPT_NAME ${JSON.stringify(script)}: it is "", or has a slash before and none behind`,
    );
  }
  if (typeof path === "string" && !/^(?:\/.*)?$/s.test(path) && !(path === "*" && method === "OPTIONS")) {
    tell(`environ has the PATH_INFO ${JSON.stringify(path)}: it begins with a slash, or is ""`);
  }
  if (script === "" && path === "") {
    tell("environ has neither a SCRIPT_NAME nor a PATH_INFO: at the root PATH_INFO is a slash");
  }
  if (name === "" || port === "")
    tell("environ has an empty SERVER_NAME or SERVER_PORT: a URL is made of them");
  if (length !== undefined && !/^(?:[0-9]+|)$/.test(String(length))) {
    tell(`environ has the CONTENT_LENGTH ${JSON.stringify(length)}: it is a number in decimal, or missing`);
  }
  const version = environ["wsgi.version"];
  if (!Array.isArray(version) || version.join(".") !== "1.0")
    tell("environ has a wsgi.version that is not [1, 0]");
  const scheme = environ["wsgi.url_scheme"];
  if (scheme !== "http" && scheme !== "https") {
    tell(`environ has the wsgi.url_scheme ${JSON.stringify(scheme)}: it is "http" or "https"`);
  }
  for (const key of ["HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"]) {
    if (key in environ) tell(`environ has ${key}: it is called ${key.slice("HTTP_".length)}`);
  }
  for (const key of Object.keys(environ)) {
    if (/^(?:HTTP_|CONTENT_)/.test(key) && typeof environ[key] !== "string" && environ[key] !== undefined) {
      tell(`environ has ${kindOf(environ[key])} as ${key}: it is a string`);
    }
  }
}
