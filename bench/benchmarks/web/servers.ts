/** The frameworks of the benchmark `web`, each with a file in the folder of a row. */
import type { Server, Target } from "../../lib/benchmark.ts";
import { socleServe } from "../../lib/commands.ts";

export const web = "bench/peers/web";

/** What a framework needs for a row besides itself. */
export interface Extras {
  /** Packages by the name of the server. */
  packages?: Readonly<Record<string, readonly string[]>>;
  /** Debian's, for Flask. */
  flask?: readonly string[];
}

/** Socle's application in a row's folder. */
export function socle(
  row: string,
  { name = "Socle", file = "socle.ts", packages = [] as string[] } = {},
): Server {
  return { name, role: "subject", packages, command: socleServe(`${web}/${row}/${file}:main()`) };
}

/** All peers that the issue names, with their files in a row's folder. */
export function peersOf(row: string, extras: Extras = {}): Server[] {
  const folder = `${web}/${row}`;
  const hono = `../web/${row}/hono-app.mjs`; // as it is seen from the servers for any fetch application
  const peers: Server[] = [
    peer("Fastify", ["node", `${folder}/fastify.mjs`], "fastify"),
    peer("Hono on Node", ["node", "bench/peers/gateway/node-server.mjs", hono], "hono", "@hono/node-server"),
    peer("h3", ["node", `${folder}/h3.mjs`], "h3", "srvx"),
    peer("Express", ["node", `${folder}/express.mjs`], "express"),
    peer("Koa", ["node", `${folder}/koa.mjs`], "koa", "@koa/router"),
    peer("Elysia on Bun", ["bun", `${folder}/elysia.ts`], "elysia"),
    peer("Hono on Bun", ["bun", "bench/peers/gateway/bun.ts", hono], "hono"),
    flask(row, extras.flask),
  ];
  return peers.map((server) => ({
    ...server,
    packages: [...(server.packages ?? []), ...(extras.packages?.[server.name] ?? [])],
  }));
}

/** Flask in Debian's packages: one synchronous worker of gunicorn, which takes one request a connection. */
export function flask(row: string, debianPackages: readonly string[] = []): Server {
  return {
    name: "Flask",
    role: "peer",
    debianPackages: ["python3-flask", "gunicorn", "python3", ...debianPackages],
    command: ["gunicorn", "-w", "1", "-b", "127.0.0.1:{port}", "--chdir", `${web}/${row}`, "flask_app:app"],
    env: { PYTHONDONTWRITEBYTECODE: "1" },
  };
}

/** The target of every row: no peer takes less of the CPU. */
export function aheadOfAll(peers: readonly Server[], subject?: string): Target {
  const target = { metric: "cpu", peers: peers.map(({ name }) => name), atMost: 1 } as const;
  return subject === undefined ? target : { ...target, subject };
}

/** With more in the environment. */
export function withEnv(servers: readonly Server[], env: Readonly<Record<string, string>>): Server[] {
  return servers.map((server) => ({ ...server, env: { ...server.env, ...env } }));
}

function peer(name: string, command: Server["command"], ...packages: string[]): Server {
  return { name, role: "peer", command, packages };
}
