/** The chat room in examples/chat, with many clients over real sockets. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { SocketServer, type TcpAddress } from "socle/net";
import { afterEach, describe, expect, it } from "vitest";
import { createChat } from "../../examples/chat/chat.ts";
import type { Limits } from "../../examples/chat/limits.ts";
import { RawClient } from "../support/raw-client.ts";
import { until } from "../support/until.ts";
import { nodes, startExample, startSocle } from "./programs.ts";

const hasNetcat = spawnSync("nc", ["-h"]).error === undefined;

const clients: RawClient[] = [];
const errors: unknown[] = [];
let server: SocketServer | undefined;

/** Opens a chat in this process. Returns its port. */
async function open(limits: Partial<Limits> = {}): Promise<number> {
  server = new SocketServer(createChat({ linesPerSecond: 1e6, ...limits }), {
    onError: (error) => errors.push(error),
  });
  return ((await server.listen("127.0.0.1:0")) as TcpAddress).port;
}

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await server?.close({ deadline: 1000 });
  server = undefined;
  expect(errors.splice(0)).toEqual([]);
});

async function connect(port: number): Promise<RawClient> {
  const client = await RawClient.open(port);
  clients.push(client);
  return client;
}

async function join(port: number, name: string): Promise<RawClient> {
  const client = await connect(port);
  client.send(`${name}\n`);
  await saying(client, `Hello, ${name}.`);
  return client;
}

/** Waits for words, and takes everything up to the end of their line, so that the next look is at what is new. */
async function saying(client: RawClient, words: string): Promise<string> {
  const complete = (text: string): boolean => {
    const at = text.indexOf(words);
    return at >= 0 && text.indexOf("\n", at) >= 0;
  };
  const text = await client.until(complete);
  const end = text.indexOf("\n", text.indexOf(words)) + 1;
  client.received = text.slice(end);
  return text.slice(0, end);
}

describe("the chat", () => {
  it("asks for a name until there is a good one that is free", async () => {
    const port = await open();
    const ada = await join(port, "Ada");
    const other = await connect(port);
    other.send("no name!\n");
    await saying(other, "A name has 1 to 20 letters");
    other.send("ADA\n");
    await saying(other, "ADA is here already. What is your name?");
    other.send("\x1b[31mBob\x07\r\n");
    expect(await saying(other, "Hello")).toContain("* Hello, Bob. You are in lobby: Ada, Bob. Try /help.\n");
    await saying(ada, "* Bob joined lobby\n");
  });

  it("gives up on one who has no name to give", async () => {
    const port = await open();
    const client = await connect(port);
    expect(await client.send("?\n".repeat(9)).untilEnd()).toMatch(/Goodbye\.\n$/);
  });

  it("brings what is said to those in the room, and to nobody else", async () => {
    const port = await open();
    const [ada, bob, carl] = [await join(port, "Ada"), await join(port, "Bob"), await join(port, "Carl")];
    carl.send("/join den\n");
    expect(await saying(carl, "You are in")).toContain("* You are in den: Carl\n");
    await saying(ada, "* Carl left for den\n");
    ada.send("hello\n/me waves\n\n   \n");
    await saying(bob, "<Ada> hello\n");
    expect(await saying(bob, "waves")).toBe("* Ada waves\n");
    bob.send("/join DEN\n");
    await saying(carl, "* Bob joined den\n");
    expect(await saying(bob, "You are in")).toBe("* You are in den: Carl, Bob\n");
    expect(carl.received).toBe("");
    expect(await saying(ada, "Bob left")).not.toContain("<Ada>");
  });

  it("tells who is here and which rooms there are, and brings words to one person", async () => {
    const port = await open();
    const [ada, bob] = [await join(port, "Ada"), await join(port, "Bob")];
    bob.send("/join den\n/rooms\n/who\n/msg ada psst, hello\n/msg eve hello\n/msg ada\n/dance\n");
    await saying(bob, "* lobby (1), den (1)\n");
    await saying(bob, "* In den: Bob\n");
    await saying(ada, "[Bob, to you] psst, hello\n");
    await saying(bob, "* There is no eve here.\n");
    await saying(bob, "* To whom, and what?");
    await saying(bob, "* There is no /dance. Try /help.\n");
    bob.send("/help\n/toString\n/me\n/join \n");
    expect(await saying(bob, "/quit")).toContain("* /msg NAME TEXT");
    await saying(bob, "* There is no /toString.");
    await saying(bob, "* What do you do?");
    await saying(bob, "* A name has");
    ada.send("/join den\n/rooms\n");
    await saying(ada, "* den (2)\n"); // a room that nobody is in is gone
  });

  it("tells when someone leaves, and how, and gives the name away again", async () => {
    const port = await open();
    const ada = await join(port, "Ada");
    const [bob, carl, eve] = [await join(port, "Bob"), await join(port, "Carl"), await join(port, "Eve")];
    bob.send("/quit see you\n");
    await saying(ada, "* Bob left (see you)\n");
    expect(await bob.untilEnd()).toMatch(/\* Goodbye\.\n$/);
    carl.end();
    await saying(ada, "* Carl left (hung up)\n");
    eve.socket.resetAndDestroy();
    await saying(ada, "* Eve left (connection lost)\n");
    await join(port, "bob");
  });

  it("takes control characters out, and what turns text around", async () => {
    const port = await open();
    const [ada, bob] = [await join(port, "Ada"), await join(port, "Bob")];
    ada.send(Buffer.from("a\x1b[2Jb\x07\tc\x1b\u202ed\u009b\u2028e\r\n"));
    await saying(bob, "<Ada> ab cde\n");
    ada.send(Buffer.from([0x66, 0xff, 0x0a])); // not UTF-8
    expect(Buffer.from(await saying(bob, "<Ada> f"), "latin1").toString()).toBe("<Ada> f\ufffd\n");
  });

  it("leaves out a line that is too long, and goes on behind it", async () => {
    const port = await open({ lineBytes: 100 });
    const [ada, bob] = [await join(port, "Ada"), await join(port, "Bob")];
    ada.send(`${"x".repeat(99)}\n${"y".repeat(12_345)}`);
    await saying(ada, "* That line was left out: it is longer than 100 bytes.\n");
    ada.send("yy\nshort\n");
    expect(await saying(bob, "short")).toBe(`<Ada> ${"x".repeat(99)}\n<Ada> short\n`);
    expect(ada.received).toBe("");
  });

  it("lets nobody speak faster than is civil, and loses nothing", async () => {
    const port = await open({ burst: 5, linesPerSecond: 10 });
    const [ada, bob] = [await join(port, "Ada"), await join(port, "Bob")];
    const start = performance.now();
    ada.send(Array.from({ length: 12 }, (_, i) => `line ${i}.\n`).join(""));
    const all = await saying(bob, "line 11.");
    expect(all.match(/<Ada> line/g)).toHaveLength(12);
    // The name was the first of the five; eight of the lines have to wait their tenth of a second.
    expect(performance.now() - start).toBeGreaterThan(600);
  });

  it("drops a reader who is too slow, and goes on for the others", async () => {
    const port = await open({ burst: 1e6, unreadBytes: 16 * 1024 });
    const [ada, bob, slow] = [await join(port, "Ada"), await join(port, "Bob"), await join(port, "Slow")];
    slow.socket.pause();
    const line = `${"x".repeat(990)}\n`;
    // Until the system's buffers are full, and ours has its few bytes too.
    let sent = 0;
    const gone = bob.until((text) => text.includes("* Slow left (too slow a reader)\n"));
    let isGone = false;
    void gone.then(() => (isGone = true));
    while (!isGone && sent < 50_000) {
      for (let i = 0; i < 100; i++, sent++) ada.send(line);
      if (ada.socket.writableNeedDrain) await once(ada.socket, "drain");
      await sleep(1);
    }
    await gone;
    ada.send("still here\n");
    await saying(bob, "<Ada> still here\n");
    ada.send("/who\n");
    await saying(ada, "* In lobby: Ada, Bob\n");
  });

  it("says goodbye to the silent, with a name or without", async () => {
    const port = await open({ nameTimeout: 300, idleTimeout: 300 });
    const nameless = await connect(port);
    const ada = await join(port, "Ada");
    expect(await nameless.untilEnd()).toBe(
      "Welcome. What is your name?\n* Nothing came from you for too long. Goodbye.\n",
    );
    expect(await ada.untilEnd()).toMatch(/\* Nothing came from you for too long\. Goodbye\.\n$/);
  });

  it("is full at some point", async () => {
    const port = await open({ members: 2 });
    const ada = await join(port, "Ada");
    await join(port, "Bob");
    const carl = await connect(port);
    expect(await carl.send("Carl\n").untilEnd()).toMatch(/The chat is full\. Try again later\.\n$/);
    ada.send("/quit\n");
    await ada.untilEnd();
    await join(port, "Carl");
  });

  it("says goodbye to everyone when it closes", async () => {
    const port = await open();
    const [ada, bob] = [await join(port, "Ada"), await join(port, "Bob")];
    const nameless = await connect(port);
    await saying(nameless, "What is your name?");
    const closing = server!.close({ deadline: 5000 });
    for (const client of [ada, bob, nameless]) {
      expect(await client.untilEnd()).toMatch(/\* The chat is closing\. Goodbye\.\n$/);
      client.end();
    }
    expect(ada.received).not.toContain("left");
    expect(await closing).toEqual({ finished: 3, aborted: 0 });
  });
});

describe("the chat as a program", () => {
  for (const node of nodes) {
    it.skipIf(node.missing !== undefined)(`runs by socle tcp on ${node.label}, until Ctrl-C`, async () => {
      await using program = await startSocle(node.path, [
        "tcp",
        "examples/chat/chat.ts",
        "-b",
        "127.0.0.1:0",
      ]);
      const [ada, bob] = [await join(program.port, "Ada"), await join(program.port, "Bob")];
      ada.send("hello\n");
      await saying(bob, "<Ada> hello\n");
      program.process.killGroup("SIGINT");
      for (const client of [ada, bob]) {
        expect(await client.untilEnd()).toMatch(/\* The chat is closing\. Goodbye\.\n$/);
        client.end();
      }
      expect((await program.process.exited).code).toBe(0);
      expect(program.process.stderr).toBe("");
    });
  }

  it("runs by node, until Ctrl-C", async () => {
    await using program = await startExample("chat/server.ts", ["127.0.0.1:0"]);
    const ada = await join(program.port, "Ada");
    program.process.kill("SIGINT");
    expect(await ada.untilEnd()).toMatch(/\* The chat is closing\. Goodbye\.\n$/);
    ada.end();
    expect((await program.process.exited).code).toBe(0);
    expect(program.process.stdout).toMatch(/\nclosed: 1 said goodbye to, 0 cut off\n$/);
  });

  it.skipIf(!hasNetcat)(`has nc for a client${hasNetcat ? "" : " (missing: nc)"}`, async () => {
    const port = await open();
    const ada = await join(port, "Ada");
    const netcat = spawn("nc", ["127.0.0.1", String(port)]);
    let output = "";
    netcat.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    netcat.stdin.write("Bob\nhello from nc\n");
    await saying(ada, "<Bob> hello from nc\n");
    ada.send("hello to nc\n/quit\n");
    await ada.untilEnd();
    netcat.stdin.write("/quit bye\n");
    await until(() => output.endsWith("<Ada> hello to nc\n* Ada left (quit)\n* Goodbye.\n"));
    netcat.stdin.end(); // Debian's nc waits for it
    await once(netcat, "close");
  });
});
