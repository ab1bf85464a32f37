/** Opens the session of a cookie, given as the argument, changes it, and prints the new cookie: what one runtime seals another opens. */
import { argv, env } from "node:process";
import { App, csrf, csrfToken, sessions } from "socle";

const app = new App();
app.register(sessions({ secret: env["SESSION_SECRET"] }));
app.register(csrf({ tokens: "always" }));
app.get("/token", csrfToken);
app.post("/visit", ({ session }) => {
  session.set("visits", [...(session.get("visits") ?? []), "grüße"]);
  session.flash("welcome");
  return { visits: session.get("visits"), messages: session.flashes() };
});

/** Asks as a browser does that keeps the cookie. */
async function ask(method, path, headers = {}) {
  const sent = cookie === "" ? headers : { ...headers, cookie };
  const answer = await app.fetch(new Request(`https://example.com${path}`, { method, headers: sent }));
  cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? cookie;
  return answer;
}

let cookie = argv[2] ?? "";
const token = await (await ask("GET", "/token")).text();
const answer = await ask("POST", "/visit", { "x-csrf-token": token });
console.log(JSON.stringify({ status: answer.status, body: await answer.text(), cookie }));
