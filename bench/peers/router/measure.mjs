/**
 * Measures a router in its own process. Whoever connects and sends `WARMUP SECONDS` gets the microseconds that a match of each kind took,
 * the median of many short measurements, as a line of JSON.
 */
import { createServer } from "node:net";
import { kinds, makeRequests, makeRoutes } from "./routes.mjs";

const batchSize = 1024;

/** @param build makes of the routes a function that gives `answerOf` the route and the parameters for a path */
export async function measureRouter(build) {
  const routes = makeRoutes(Number(process.argv[2]));
  const match = await build(routes);
  const random = randomNumbers(1);
  const requests = kinds.map((kind) => makeRequests(kind, routes, batchSize * 4, random));
  check(match, requests.flat());

  createServer((socket) => {
    let asked = "";
    socket.setEncoding("latin1").on("error", () => {});
    socket.on("data", (text) => {
      asked += text;
      if (!asked.endsWith("\n")) return;
      const [warmUp, seconds] = asked.split(" ").map(Number);
      run(match, requests, warmUp);
      socket.end(`${JSON.stringify(run(match, requests, seconds))}\n`);
    });
  }).listen(Number(process.env.PORT), "127.0.0.1");
}

function check(match, requests) {
  for (const { path, answer } of requests) {
    const got = match(path);
    if (got !== answer) throw new Error(`${path} gave ${got} instead of ${answer}`);
  }
}

function run(match, requests, seconds) {
  const times = kinds.map(() => []);
  const end = performance.now() + seconds * 1000;
  for (let batch = 0; performance.now() < end; batch++) {
    for (let k = 0; k < kinds.length; k++) {
      const paths = freshPaths(requests[k], (batch % 4) * batchSize);
      let sum = 0;
      const start = performance.now();
      for (let i = 0; i < batchSize; i++) sum += match(paths[i]);
      times[k].push(((performance.now() - start) * 1000) / batchSize);
      if (Number.isNaN(sum)) throw new Error("a match gave no number");
    }
  }
  return Object.fromEntries(kinds.map((kind, k) => [kind, median(times[k])]));
}

/**
 * Each path is a new string, as it is in a server: one that was used before has kept its hash, and would be found in a table faster
 * than any request is.
 */
function freshPaths(requests, from) {
  const paths = [];
  for (let i = from; i < from + batchSize; i++)
    paths.push(Buffer.from(requests[i].path, "latin1").latin1Slice());
  return paths;
}

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1];
}

/** The same numbers in every run (a linear congruential generator, Numerical Recipes). */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
