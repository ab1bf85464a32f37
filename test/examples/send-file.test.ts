/** The file transfer in examples/send-file, over a network that cuts, changes and forgets. */
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { connect as connectSocket, createServer, type Server as NetServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Connection, connect, jsonLines } from "socle/net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { safeName } from "../../examples/send-file/file-name.ts";
import { formatBytes, formatTime, ProgressDisplay } from "../../examples/send-file/progress.ts";
import { runProcess, startProcess } from "../support/process.ts";
import { until } from "../support/until.ts";
import { root, type Server, startExample } from "./programs.ts";

const MiB = 1024 * 1024;

let folder: string;
let inbox: string;
let connections: Connection[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "send-file-"));
  inbox = join(folder, "inbox");
  connections = [];
});
afterEach(async () => {
  for (const connection of connections) connection.abort();
  await rm(folder, { recursive: true });
});

function receive(port = 0): Promise<Server> {
  return startExample("send-file/receive.ts", [inbox, "-b", `127.0.0.1:${port}`]);
}

function send(path: string, port: number) {
  return runProcess(process.execPath, ["examples/send-file/send.ts", path, `127.0.0.1:${port}`], {
    cwd: root,
  });
}

async function make(name: string, size: number): Promise<{ path: string; bytes: Buffer; sha256: string }> {
  const [path, bytes] = [join(folder, name), randomBytes(size)];
  await writeFile(path, bytes);
  return { path, bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** What is in the inbox, and that nothing incomplete is left. */
async function received(): Promise<string[]> {
  expect(await readdir(join(inbox, ".incomplete")).catch(() => [])).toEqual([]);
  return (await readdir(inbox)).filter((name) => name !== ".incomplete").sort();
}

/** What to do with a chunk on its way to the receiver, the last of which ends at `total`: pass another one on, or cut. */
type Meddle = (chunk: Buffer, total: number, connection: number) => Buffer | "cut";

/** A network between sender and receiver. */
class Network implements AsyncDisposable {
  readonly #server: NetServer;
  readonly #sockets: Set<Socket> = new Set();
  /** Bytes that were passed on, by connection. */
  readonly passed: number[] = [];

  private constructor(target: number, meddle: Meddle) {
    this.#server = createServer((client) => {
      const index = this.passed.push(0) - 1;
      const receiver = connectSocket(target, "127.0.0.1");
      const end = (): void => {
        client.destroy();
        receiver.destroy();
      };
      for (const socket of [client, receiver]) this.#sockets.add(socket.on("error", end).on("close", end));
      receiver.pipe(client);
      client.on("data", (chunk: Buffer) => {
        this.passed[index]! += chunk.length;
        const result = meddle(chunk, this.passed[index]!, index);
        if (result === "cut") end();
        else if (!receiver.write(result)) {
          client.pause();
          receiver.once("drain", () => client.resume());
        }
      });
    });
  }

  static async open(target: number, meddle: Meddle): Promise<Network> {
    const network = new Network(target, meddle);
    await new Promise<void>((resolve) => network.#server.listen(0, "127.0.0.1", resolve));
    return network;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  /** Cuts every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Speaks the protocol by hand. */
async function offer(port: number, message: object) {
  const connection = await connect(`127.0.0.1:${port}`);
  connections.push(connection);
  const wire = connection.framed(jsonLines<Record<string, unknown>>());
  await wire.send({ protocol: "send-file/1", ...message });
  return { connection, wire, reply: await wire.receive() };
}

describe("sending a file", () => {
  it.each([0, 1, 5 * MiB + 7])("brings %i bytes as they are", async (size) => {
    await using receiver = await receive();
    const { path, bytes } = await make("fäil 1.bin", size);
    const { code, stdout, stderr } = await send(path, receiver.port);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^sent .*fäil 1\.bin, .* in 0:\d\d; it was saved as fäil 1\.bin\n$/);
    expect(await received()).toEqual(["fäil 1.bin"]);
    expect((await readFile(join(inbox, "fäil 1.bin"))).equals(bytes)).toBe(true);
  });

  it("goes on by itself after every cut, where it stopped", async () => {
    await using receiver = await receive();
    const { path, bytes } = await make("film.mov", 12 * MiB);
    await using network = await Network.open(receiver.port, (chunk, total, connection) =>
      connection < 3 && total > 3 * MiB ? "cut" : chunk,
    );
    const { code, stdout, stderr } = await send(path, network.port);
    expect(stdout).toContain("it was saved as film.mov\n");
    expect(code).toBe(0);
    expect(network.passed).toHaveLength(4);
    // Nothing of what had come is sent again: only what was on its way when a cut came.
    expect(network.passed.reduce((sum, bytes) => sum + bytes)).toBeLessThan(12 * MiB + 3 * 1.5 * MiB);
    expect(stderr.match(/; trying again\n/g)).toHaveLength(3);
    const offsets = [...stderr.matchAll(/going on at ([\d.]+) MB/g)].map(([, offset]) => Number(offset));
    expect(offsets).toHaveLength(3);
    expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
    expect(await received()).toEqual(["film.mov"]);
    expect((await readFile(join(inbox, "film.mov"))).equals(bytes)).toBe(true);
  });

  it("goes on when it is sent again, after the sender was killed and the receiver too", async () => {
    const { path, bytes } = await make("film.mov", 8 * MiB);
    let port = 0;
    {
      await using receiver = await receive();
      port = receiver.port;
      // Lets so much through, and then nothing more.
      let passed = 0;
      await using network = await Network.open(port, (chunk, total) => {
        passed = total;
        return total > 4 * MiB ? Buffer.alloc(0) : chunk;
      });
      const args = ["examples/send-file/send.ts", path, `127.0.0.1:${network.port}`];
      await using sender = startProcess(process.execPath, args, { cwd: root });
      await until(() => passed > 4 * MiB);
      sender.kill("SIGKILL");
      await sender.exited;
      await receiver.process.waitFor(/film\.mov: cut at 4\.\d MB of 8\.4 MB\n/);
      receiver.process.kill("SIGKILL");
      await receiver.process.exited;
    }
    expect(await readdir(inbox)).toEqual([".incomplete"]);
    await using receiver = await receive(port);
    const { code, stderr } = await send(path, port);
    expect(stderr).toMatch(/^going on at 4\.\d MB\n$/);
    expect(code).toBe(0);
    expect(await received()).toEqual(["film.mov"]);
    expect((await readFile(join(inbox, "film.mov"))).equals(bytes)).toBe(true);
    expect(receiver.process.stdout).toContain("film.mov: complete, 8.4 MB");
  });

  it("waits for a receiver that is started again", async () => {
    const { path, bytes } = await make("film.mov", 8 * MiB);
    const first = await receive();
    let passed = 0;
    await using network = await Network.open(first.port, (chunk, total, connection) => {
      passed = total;
      return connection === 0 && total > 2 * MiB ? Buffer.alloc(0) : chunk;
    });
    const sending = send(path, network.port);
    await until(() => passed > 2 * MiB);
    first.process.kill("SIGINT"); // which cuts
    expect((await first.process.exited).code).toBe(0);
    await until(() => network.passed.length > 1);
    await using _second = await receive(first.port);
    expect((await sending).code).toBe(0);
    expect((await readFile(join(inbox, "film.mov"))).equals(bytes)).toBe(true);
  });

  it("keeps nothing of a file of which one bit was changed on the way", async () => {
    await using receiver = await receive();
    const { path, bytes } = await make("film.mov", 2 * MiB);
    let changes = 1;
    await using network = await Network.open(receiver.port, (chunk, total) => {
      if (total < MiB || changes === 0) return chunk;
      changes -= 1;
      const changed = Buffer.from(chunk);
      changed[0]! ^= 1;
      return changed;
    });
    const { code, stderr } = await send(path, network.port);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^can't send .*film\.mov: the checksum is wrong: something on the way has changed the file\. Nothing was kept; send it again\n$/,
    );
    expect(await received()).toEqual([]);
    expect((await send(path, network.port)).code).toBe(0);
    expect((await readFile(join(inbox, "film.mov"))).equals(bytes)).toBe(true);
  });

  it("notices what has become wrong on the receiver's disk as well", async () => {
    await using receiver = await receive();
    const { path, sha256 } = await make("a", 1000);
    await mkdir(join(inbox, ".incomplete"));
    await writeFile(join(inbox, ".incomplete", `${sha256}-a`), "garbage");
    const { code, stderr } = await send(path, receiver.port);
    expect([code, stderr]).toEqual([1, expect.stringContaining("the checksum is wrong")]);
    expect((await send(path, receiver.port)).code).toBe(0);
    expect(await received()).toEqual(["a"]);
  });

  it("never puts a file over another, and puts the same one there once", async () => {
    await using receiver = await receive();
    await writeFile(join(inbox, "a.txt"), "mine");
    const { path } = await make("a.txt", 4);
    for (let i = 0; i < 2; i++) {
      expect((await send(path, receiver.port)).stdout).toContain("it was saved as a (2).txt\n");
      expect(await received()).toEqual(["a (2).txt", "a.txt"]);
    }
    expect(await readFile(join(inbox, "a.txt"), "utf8")).toBe("mine");
  });

  it("says what is wrong with the file or the address", async () => {
    const { path } = await make("a", 1);
    const nowhere = await send(join(folder, "nothing"), 9);
    expect([nowhere.code, nowhere.stderr]).toEqual([
      1,
      expect.stringMatching(/: there is no file .*nothing\n$/),
    ]);
    expect((await send(folder, 9)).stderr).toMatch(/is not a file\n$/);
    const nobody = await send(path, 1);
    expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringContaining("nobody listens there")]);
    const usage = await runProcess(process.execPath, ["examples/send-file/send.ts"], { cwd: root });
    expect([usage.code, usage.stderr]).toEqual([
      2,
      "usage: node examples/send-file/send.ts FILE [HOST:PORT]\n",
    ]);
  });
});

describe("a receiver", () => {
  it("writes nowhere but into its folder, whatever the name", async () => {
    await using receiver = await receive();
    const names = {
      "../../up": "up",
      "/etc/passwd": "passwd",
      "..": "file",
      "a\\..\\b": "b",
      ".bashrc": "bashrc",
      "\u0000\u001b[2J": "__[2J",
      "": "file (2)",
      [`${"x".repeat(4000)}.jpg`]: `${"x".repeat(176)}.jpg`,
      CON: "_CON",
    };
    for (const [i, [name, saved]] of Object.entries(names).entries()) {
      const byte = Buffer.of(i);
      const sha256 = createHash("sha256").update(byte).digest("hex");
      const { connection, wire, reply } = await offer(receiver.port, { name, size: 1, sha256 });
      expect(reply).toEqual({ offset: 0 });
      await connection.write(byte);
      expect(await wire.receive()).toEqual({ saved });
    }
    expect(await readdir(folder)).toEqual(["inbox"]);
    expect(await received()).toEqual(Object.values(names).sort());
  });

  it("does not follow a link that lies where the file would", async () => {
    await using receiver = await receive();
    await symlink("../outside", join(inbox, "a"));
    const { path } = await make("a", 10);
    expect((await send(path, receiver.port)).stdout).toContain("saved as a (2)\n");
    expect(await readdir(folder)).toEqual(["a", "inbox"]);
  });

  it("takes a file from one sender at a time", async () => {
    await using receiver = await receive();
    const sha256 = "0".repeat(64);
    const first = await offer(receiver.port, { name: "a", size: 10, sha256 });
    expect(first.reply).toEqual({ offset: 0 });
    expect((await offer(receiver.port, { name: "a", size: 10, sha256 })).reply).toEqual({ busy: true });
    expect((await offer(receiver.port, { name: "b", size: 10, sha256 })).reply).toEqual({ offset: 0 });
    await first.connection.write("12345");
    await first.connection.end();
    await receiver.process.waitFor(/^a: cut at 5 bytes of 10 bytes$/m);
    expect((await offer(receiver.port, { name: "a", size: 10, sha256 })).reply).toEqual({ offset: 5 });
  });

  it.each([
    [{ protocol: "send-file/2" }, "this receiver speaks send-file/1"],
    [{ name: 1 }, "the name is not a string"],
    [{ size: -1 }, "the size is not a number of bytes"],
    [{ size: 2 ** 60 }, "the size is not a number of bytes"],
    [{ sha256: "../../../x" }, "sha256 is not 64 hexadecimal digits"],
    [
      { size: 2 ** 52 },
      expect.stringMatching(/^the receiver's disk has .* free, and 4\.5 PB are still to come$/),
    ],
  ])("refuses %j", async (wrong, error) => {
    await using receiver = await receive();
    const right = { name: "a", size: 1, sha256: "0".repeat(64) };
    expect((await offer(receiver.port, { ...right, ...wrong })).reply).toEqual({ error });
  });

  it("is not disturbed by garbage", async () => {
    await using receiver = await receive();
    for (const garbage of ["GET / HTTP/1.1\r\n\r\n", "[]\n", "null\n", `${"x".repeat(100_000)}`, "\xff\n"]) {
      const connection = await connect(`127.0.0.1:${receiver.port}`);
      connections.push(connection);
      await connection.write(garbage);
      await connection.end();
      // An answer or a reset: the connection comes to an end.
      while ((await connection.read().catch(() => null)) !== null);
    }
    const { path } = await make("a", 10);
    expect((await send(path, receiver.port)).code).toBe(0);
    expect(receiver.process.stderr).toBe("");
  });

  const unshare = ["-rm", "sh", "-c", 'mount -t tmpfs -o size=3m tmpfs "$1"'];
  const hasTmpfs = spawnSync("unshare", [...unshare, "sh", tmpdir()]).status === 0;

  it.skipIf(!hasTmpfs)(`tells when its disk is full${hasTmpfs ? "" : " (missing: unshare)"}`, async () => {
    await mkdir(inbox);
    unshare[3] += ' && exec "$2" examples/send-file/receive.ts "$1" -b 127.0.0.1:0';
    await using program = startProcess("unshare", [...unshare, "sh", inbox, process.execPath], { cwd: root });
    const [, digits] = await program.waitFor(/127\.0\.0\.1:(\d+)/);
    const port = Number(digits);
    const { path } = await make("big", 4 * MiB);
    const { code, stderr } = await send(path, port);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/the receiver's disk has 3\.1 MB free, and 4\.2 MB are still to come\n$/),
    ]);
    // There is room for each of two, and not for both.
    const half = { size: 2 * MiB, sha256: "0".repeat(64) };
    const [a, b] = [await offer(port, { name: "a", ...half }), await offer(port, { name: "b", ...half })];
    expect([a.reply, b.reply]).toEqual([{ offset: 0 }, { offset: 0 }]);
    await a.connection.write(Buffer.alloc(2 * MiB - 1));
    const full = b.wire.receive();
    await b.connection.write(Buffer.alloc(2 * MiB)).catch(() => {});
    expect(await full).toEqual({
      error: "the receiver's disk is full. What has come is kept: make room, and send it again",
    });
    const again = await offer(port, { name: "b", ...half });
    expect(again.reply).toEqual({ error: expect.stringMatching(/^the receiver's disk has .* free/) });
    expect(program.stderr).toBe("");
  });
});

describe("progress", () => {
  /** What a display writes, on a terminal of so many columns or, without, into a file. */
  function capture(columns?: number, hasColors = false): { display: ProgressDisplay; text: () => string } {
    let text = "";
    const write = (piece: string): boolean => Boolean((text += piece));
    const output = { isTTY: columns !== undefined, columns, hasColors: () => hasColors, write };
    return { display: new ProgressDisplay(output as unknown as NodeJS.WriteStream), text: () => text };
  }

  it.each([20, 40, 80, 200])("is a bar for each task, in %i columns", async (columns) => {
    const { display, text } = capture(columns);
    const film = display.begin("Ein Film – 旅行 über das Meer 🎬, Teil 1 von 2.mov", 400e6);
    const notes = display.begin("notes.txt", 1234, 1234);
    film.done = 100e6;
    await until(() => text().includes("\x1b[2A")); // drawn a second time, over the first
    display.say("a line that stays");
    const last = text().split("\x1b[2A\x1b[J").at(-1)!.split("\n");
    expect(last.slice(0, 3)).toEqual([
      "a line that stays",
      expect.stringContaining(" 25 %"),
      expect.stringContaining("100 %"),
    ]);
    expect(last[2]).toMatch(columns < 40 ? /^note.* ━/ : /^notes\.txt +━/);
    for (const line of last) expect([...line].length).toBeLessThan(columns);
    if (columns >= 80) expect(last[1]).toMatch(/━─+ +25 % +100\.0 MB of 400\.0 MB +\d+\.\d [MG]B\/s/);
    display.end(film);
    display.end(notes);
    expect(text().endsWith("\x1b[2A\x1b[J")).toBe(true); // nothing is left standing
  });

  it("is a plain line now and then in a log", async () => {
    const { display, text } = capture();
    const task = display.begin("film.mov", 400e6, 200e6);
    task.done = 300e6;
    await until(() => text() !== "");
    display.end(task);
    expect(text()).toMatch(/^film\.mov: +75 %, 300\.0 MB of 400\.0 MB, \d+\.\d MB\/s, 0:0\d left\n$/);
  });

  it("has sizes and times that people read", () => {
    expect([0, 999, 1000, 999_949, 999_950, 1.5e12, 2 ** 53].map(formatBytes)).toEqual([
      "0 bytes",
      "999 bytes",
      "1.0 kB",
      "999.9 kB",
      "1.0 MB",
      "1.5 TB",
      "9.0 PB",
    ]);
    expect([0, 6.2, 75, 3600].map(formatTime)).toEqual(["0:00", "0:07", "1:15", "1:00:00"]);
  });
});

describe("safeName", () => {
  it.each([
    ["a.txt", "a.txt"],
    ["Ünï — 旅行.tar.gz", "Ünï — 旅行.tar.gz"],
    ["e\u0301", "é"],
    ["a/b/c", "c"],
    ["C:\\x\\y.txt", "y.txt"],
    ["..", "file"],
    ["...", "file"],
    ["a/", "file"],
    [".ssh", "ssh"],
    ["a\u202egpj.exe", "a_gpj.exe"],
    ["a\nb\x1b[2J", "a_b_[2J"],
    ['<>:"|?*', "_______"],
    ["nul.txt", "_nul.txt"],
    ["a. . ", "a"],
    [`${"ä".repeat(200)}.jpeg`, `${"ä".repeat(87)}.jpeg`],
  ])("makes of %j %j", (name, safe) => {
    expect(safeName(name)).toBe(safe);
  });
});
