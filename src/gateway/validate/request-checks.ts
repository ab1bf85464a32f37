/** The rules on the request that a server hands up. */
import { consistsOf, FIELD, TOKEN } from "../../http/chars.ts";
import type { Exchange } from "../../http/exchange.ts";
import type { BreachLog } from "./breach.ts";

export function checkRequest(exchange: Exchange, log: BreachLog): void {
  const { method, target, authority, httpVersion, body } = exchange;
  if (typeof method !== "string" || !consistsOf(method, TOKEN)) {
    log.tell("bad-request-method", `the method is ${JSON.stringify(method)}: it is a token, as sent`);
  }
  if (typeof target !== "string" || !(target.startsWith("/") || (target === "*" && method === "OPTIONS"))) {
    log.tell(
      "bad-request-target",
      `the target is ${JSON.stringify(target)}: it begins with a slash, or is * for OPTIONS`,
    );
  }
  if (
    typeof authority !== "string" ||
    authority !== authority.toLowerCase() ||
    (authority === "" && httpVersion !== "1.0")
  ) {
    log.tell(
      "bad-request-authority",
      `the authority is ${JSON.stringify(authority)}: it is the host in lower case, and "" only where HTTP/1.0 sent none`,
    );
  }
  for (const [name, value] of exchange.headers) {
    if (name !== name.toLowerCase() || !consistsOf(name, TOKEN)) {
      log.tell(
        "bad-request-header",
        `a header is called ${JSON.stringify(name)}: names are tokens in lower case`,
      );
    }
    if (value !== "" && !consistsOf(value, FIELD)) {
      log.tell("bad-request-header", `the header ${name} has a value with characters that no field may have`);
    }
  }
  const announced = exchange.headers.get("content-length");
  if (announced === undefined || !/^[0-9]+$/.test(announced)) return;
  if (body === null ? Number(announced) !== 0 : body.length !== Number(announced)) {
    const what = body === null ? "there is no body" : `the body's length is ${body.length}`;
    log.tell("body-missing", `content-length announces ${announced} bytes, but ${what}`);
  }
}
