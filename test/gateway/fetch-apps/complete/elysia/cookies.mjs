import { ask } from "../cases.mjs";

export function cookies({ Elysia, Cookie, serializeCookie, t }, watch) {
  return new Elysia({ prefix: "/cookies" })
    .get("/", ({ cookie: { name, seen, old } }) => {
      watch("Cookie", name);
      seen.value = Number(seen.value ?? 0) + 1;
      seen.httpOnly = true;
      seen.maxAge = 60;
      name.set({
        value: "Ada",
        path: "/",
        sameSite: "lax",
        secure: true,
        partitioned: true,
        priority: "high",
      });
      name.update({ domain: "example.org", expires: new Date(0) });
      old.remove();
      return [name.value, seen.value];
    })
    .get("/parts", ({ cookie: { part } }) => {
      part.value = { a: 1 };
      watch("Cookie", part);
      part.cookie = { ...part.cookie };
      part.setCookie = { ...part.setCookie };
      part.path = "/p";
      void [part.secrets, part.toString()];
      return [
        part.path,
        part.domain,
        part.expires,
        part.sameSite,
        part.secure,
        part.partitioned,
        part.priority,
        part.httpOnly,
        part.maxAge,
      ].map((value) => value ?? null);
    })
    .get(
      "/signed",
      ({ cookie: { secret } }) => {
        secret.value = "kept";
        return "signed";
      },
      { cookie: t.Cookie({ secret: t.Optional(t.String()) }, { secrets: "a secret", sign: ["secret"] }) },
    )
    .get("/signed-read", ({ cookie: { secret } }) => secret.value ?? "none", {
      cookie: t.Cookie({ secret: t.Optional(t.String()) }, { secrets: "a secret", sign: ["secret"] }),
    })
    .get("/serialized", () => [
      serializeCookie({ a: { value: "1", path: "/" } }),
      new Cookie("n", {}, {}).name,
    ]);
}

export const cases = [
  ask("GET /cookies", { headers: { cookie: "seen=4; old=1" } }, 200, ["Ada", 5], { "set-cookie": /seen=5/ }),
  ask("GET /cookies/parts", 200),
  ask("GET /cookies/signed", 200, "signed", { "set-cookie": /^secret=kept\./ }),
  ask(
    "GET /cookies/signed-read",
    (answerTo) => ({
      headers: {
        cookie: answerTo("GET /cookies/signed")
          .headers.find((line) => line.startsWith("set-cookie"))
          .slice(12)
          .split(";")[0],
      },
    }),
    200,
    "kept",
  ),
  ask("GET /cookies/signed-read?forged", { headers: { cookie: "secret=kept.forged" } }, 400),
  ask("GET /cookies/serialized", 200, ["a=1; Path=/", "n"]),
];
