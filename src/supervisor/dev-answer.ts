/** Answers a request with what went wrong: as a page for browsers, as JSON or as text for others. */
import { randomBytes } from "node:crypto";
import type { Exchange } from "../http/exchange.ts";
import { type Fault, placeOf } from "./dev-fault.ts";
import { faultText, titleOf, whereOf } from "./dev-fault-text.ts";
import { faultPageHtml, type Trouble } from "./dev-page.ts";
import { type RequestFacts, requestFacts } from "./dev-request-facts.ts";

export type Facts = readonly (readonly [name: string, value: string])[];

/** The status: 500. Nobody keeps what is sent, and no other site's page can embed it. */
export function answerTrouble(exchange: Exchange, trouble: Trouble, facts: Facts): void {
  const request = requestFacts(exchange);
  const accept = exchange.headers.get("accept") ?? "";
  if (accept.includes("text/html")) {
    const nonce = randomBytes(16).toString("base64");
    const policy = `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'`;
    const html = faultPageHtml({ trouble, request, facts, nonce });
    exchange.respond(500, [...headersFor("text/html"), "content-security-policy", policy], html);
  } else if (accept.includes("json")) {
    exchange.respond(500, headersFor("application/json"), asJson(trouble, request));
  } else {
    exchange.respond(500, headersFor("text/plain"), asText(trouble, request, facts));
  }
}

function headersFor(type: string): string[] {
  return [
    "content-type",
    `${type}; charset=utf-8`,
    "cache-control",
    "no-store",
    "x-content-type-options",
    "nosniff",
    "cross-origin-resource-policy",
    "same-origin",
  ];
}

function asText(
  { heading, summary, faults }: Trouble,
  { method, target, httpVersion, headers }: RequestFacts,
  facts: Facts,
): string {
  const parts = [heading, summary].filter((part) => part !== "").map((part) => `${part}\n`);
  if (faults.length > 0) parts.push(faultText(faults, "all"));
  const lines = headers.map(([name, value]) => `${name}: ${value}\n`).join("");
  parts.push(`${method} ${target} HTTP/${httpVersion}\n${lines}`);
  parts.push(`${facts.map((fact) => fact.join(" ")).join(", ")}\n`);
  return parts.join("\n");
}

function asJson({ heading, summary, faults }: Trouble, request: RequestFacts): string {
  const errors = faults.map((fault: Fault) => {
    const place = placeOf(fault);
    return {
      ...(fault.relation === null ? {} : { relation: fault.relation }),
      name: fault.name,
      message: fault.message,
      ...(fault.details === "" ? {} : { details: fault.details }),
      ...(place === undefined ? {} : { at: whereOf(place) }),
      stack: fault.frames.map((frame) => `${frame.call} (${whereOf(frame)})`.trim()),
    };
  });
  const title = heading || (faults[0] === undefined ? summary : titleOf(faults[0]));
  const { method, target, headers } = request;
  const body = { title, ...(summary === "" ? {} : { detail: summary }), status: 500, errors };
  return `${JSON.stringify({ ...body, request: { method, target, headers } }, null, 2)}\n`;
}
