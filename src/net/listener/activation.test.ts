import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { TcpAddress } from "../address.ts";
import { findActivated, takeActivation } from "./activation.ts";
import { bind } from "./bind.ts";

const environment = (values: Record<string, string>): NodeJS.ProcessEnv => ({
  PATH: "/bin",
  LISTEN_PID: "7",
  ...values,
});

describe("the environment", () => {
  test("names the sockets from descriptor 3 on, and is cleared", () => {
    const given = environment({ LISTEN_FDS: "2", LISTEN_FDNAMES: "web.socket:admin" });
    expect(takeActivation(given, 7)).toEqual([
      { fd: 3, name: "web.socket" },
      { fd: 4, name: "admin" },
    ]);
    expect(given).toEqual({ PATH: "/bin" });
    expect(takeActivation(given, 7)).toEqual([]);
  });

  test("without names", () => {
    expect(takeActivation(environment({ LISTEN_FDS: "1" }), 7)).toEqual([{ fd: 3, name: "unknown" }]);
  });

  test("for another process gives none, and is cleared", () => {
    const given = environment({ LISTEN_FDS: "1", LISTEN_FDNAMES: "web" });
    expect(takeActivation(given, 8)).toEqual([]);
    expect(given).toEqual({ PATH: "/bin" });
    expect(takeActivation({ LISTEN_FDS: "1" }, 8)).toEqual([]);
  });

  test("of no sockets gives none", () => {
    expect(takeActivation(environment({ LISTEN_FDS: "0", LISTEN_FDNAMES: "" }), 7)).toEqual([]);
  });

  test("that can't be read is an error", () => {
    expect(() => takeActivation(environment({ LISTEN_FDS: "two" }), 7)).toThrow(
      'LISTEN_FDS is "two", and must be a number of sockets',
    );
    expect(() => takeActivation(environment({ LISTEN_FDS: "2", LISTEN_FDNAMES: "web" }), 7)).toThrow(
      'LISTEN_FDNAMES has 1 names for the 2 sockets of LISTEN_FDS: "web"',
    );
  });
});

describe("a socket is found", () => {
  const sockets = [
    { fd: 3, name: "web" },
    { fd: 4, name: "admin" },
    { fd: 5, name: "admin" },
  ];

  test("by its name, or as the only one", () => {
    expect(findActivated("web", sockets)).toBe(3);
    expect(findActivated("", sockets.slice(0, 1))).toBe(3);
  });

  test("or what there is, is told", () => {
    const list = "There are: web (fd://3), admin (fd://4), admin (fd://5). Name one of them.";
    expect(() => findActivated("mail", sockets)).toThrow(
      `no socket mail was handed over by systemd. ${list}`,
    );
    expect(() => findActivated("admin", sockets)).toThrow(
      `several sockets admin were handed over by systemd. ${list}`,
    );
    expect(() => findActivated("", sockets)).toThrow(`several sockets were handed over by systemd. ${list}`);
    expect(() => findActivated("web", [])).toThrow("no socket was handed over by systemd.");
  });
});

test("a process serves on what it was started with", async () => {
  const bound = await bind({ kind: "tcp", host: "127.0.0.1", port: 0 });
  const listener = new URL("./listener.ts", import.meta.url).href;
  const program = `
    import { Listener } from ${JSON.stringify(listener)};
    const onTransport = (transport) => {
      transport.start({ onData() {}, onEnd() {}, onDrain() {}, onClose() {} });
      transport.write(process.env.LISTEN_FDS === undefined ? "cleared" : "not cleared");
      transport.end();
    };
    const opened = await Listener.open({ kind: "systemd", name: "web" }, onTransport);
    console.log(JSON.stringify(opened.address));`;
  // As systemd does it: the shell's process id is told to what it becomes.
  const child: ChildProcess = spawn(
    "sh",
    ["-c", 'LISTEN_PID=$$ exec "$0" --input-type=module -e "$1"', process.execPath, program],
    {
      cwd: fileURLToPath(new URL(".", import.meta.url)),
      env: { ...process.env, LISTEN_FDS: "1", LISTEN_FDNAMES: "web" },
      stdio: ["ignore", "pipe", "inherit", bound.fd],
    },
  );
  const died = once(child, "exit").then(([code]) => Promise.reject(new Error(`exit ${code}`)));
  const [line] = await Promise.race([once(child.stdout!, "data"), died]);
  expect(JSON.parse(String(line))).toEqual(bound.address);
  let said = "";
  const { port } = bound.address as TcpAddress;
  for await (const chunk of connect(port, "127.0.0.1").setEncoding("utf8")) said += chunk;
  expect(said).toBe("cleared");
  child.kill();
  await expect(died).rejects.toThrow("exit null");
  bound.close();
});
