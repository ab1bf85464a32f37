import secureSession from "@fastify/secure-session";
import fastify from "fastify";

const app = fastify();
await app.register(secureSession, {
  key: Buffer.from(process.env.SECRET, "hex"),
  cookie: { path: "/", httpOnly: true, sameSite: "lax" },
});
const answer = {
  response: { 200: { type: "object", properties: { visits: { type: "integer" } }, required: ["visits"] } },
};
app.get("/visits", { schema: answer }, async ({ session }) => {
  const visits = (session.get("visits") ?? 0) + 1;
  session.set("visits", visits);
  return { visits };
});
await app.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });
