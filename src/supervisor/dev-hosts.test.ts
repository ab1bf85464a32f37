import { expect, test } from "vitest";
import { AllowedHosts } from "./dev-hosts.ts";

const hosts = new AllowedHosts(["shop.test", ".below.test"], [{ kind: "tcp", host: "My-Machine", port: 80 }]);

test.each([
  ["", true],
  ["localhost", true],
  ["localhost:8000", true],
  ["LOCALHOST.", true],
  ["a.localhost:1", true],
  ["127.0.0.1:8000", true],
  ["[::1]:8000", true],
  ["192.0.2.7", true],
  ["my-machine:8000", true],
  ["shop.test", true],
  ["a.below.test", true],
  ["a.b.below.test:1", true],
  ["below.test", false],
  ["a.shop.test", false],
  ["evil.test", false],
  ["notlocalhost", false],
  ["localhost.evil.test", false],
  ["127.0.0.1.evil.test", false],
  ["xbelow.test", false],
])("requests for %j are answered: %j", (authority, answered) => {
  expect(hosts.permits(authority)).toBe(answered);
});
