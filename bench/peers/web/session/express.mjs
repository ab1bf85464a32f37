import cookieSession from "cookie-session";
import express from "express";

const app = express();
app.disable("x-powered-by");
app.disable("etag");
app.use(cookieSession({ keys: [process.env.SECRET], sameSite: "lax" }));
app.get("/visits", ({ session }, response) => {
  session.visits = (session.visits ?? 0) + 1;
  response.json({ visits: session.visits });
});
app.listen(Number(process.env.PORT), "127.0.0.1");
