import { Elysia, t } from "elysia";

new Elysia()
  .get(
    "/visits",
    ({ cookie: { visits } }) => {
      visits.value = (visits.value ?? 0) + 1;
      return { visits: visits.value };
    },
    {
      cookie: t.Cookie(
        { visits: t.Optional(t.Numeric()) },
        { secrets: process.env.SECRET!, sign: ["visits"], httpOnly: true, sameSite: "lax" },
      ),
    },
  )
  .listen({ port: Number(process.env.PORT), hostname: "127.0.0.1" });
