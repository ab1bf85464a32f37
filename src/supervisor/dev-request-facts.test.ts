import { expect, test } from "vitest";
import { MemoryExchange } from "../gateway/memory-exchange.ts";
import { requestFacts } from "./dev-request-facts.ts";

test("secrets are masked: of cookies the names stay, and of credentials the scheme", () => {
  const exchange = new MemoryExchange("/a?b=1", {
    method: "GET",
    headers: [
      ["Authorization", "Bearer abc def"],
      ["Proxy-Authorization", "abc"],
      ["Cookie", "a=1; b=2=3; lone"],
      ["X-Api-Key", "abc"],
      ["X-CSRF-Token", "abc"],
      ["Accept", "text/html"],
    ],
  });
  const { headers, method, target } = requestFacts(exchange);
  expect([method, target]).toEqual(["GET", "/a?b=1"]);
  expect(headers.filter(([name]) => name !== "host")).toEqual([
    ["authorization", "Bearer ••••••"],
    ["proxy-authorization", "••••••"],
    ["cookie", "a=••••••; b=••••••; ••••••"],
    ["x-api-key", "••••••"],
    ["x-csrf-token", "••••••"],
    ["accept", "text/html"],
  ]);
});
