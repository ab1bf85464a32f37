import { describe, expect, it } from "vitest";
import { Random } from "../../../test/support/random.ts";
import { MemoryExchange } from "../memory-exchange.ts";
import { BodyInput, type WsgiInput } from "./wsgi-input.ts";

const decoder = new TextDecoder();
const text = (bytes: Uint8Array) => decoder.decode(bytes);

/** An input whose content comes in those pieces. */
function inputOf(...pieces: string[]): WsgiInput {
  async function* body() {
    yield* pieces;
  }
  return new BodyInput(new MemoryExchange("/", { body: body(), maxBodyBytes: 1000 }).body);
}

async function linesOf(input: WsgiInput): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of input) lines.push(text(line));
  return lines;
}

describe("wsgi.input", () => {
  it("reads as many bytes as were asked for, however they come", async () => {
    const input = inputOf("ab", "cd", "efg");
    expect(text(await input.read(3))).toBe("abc");
    expect(text(await input.read(0))).toBe("");
    expect(text(await input.read(1))).toBe("d");
    expect(text(await input.read(100))).toBe("efg");
    expect(text(await input.read(1))).toBe("");
    expect(text(await input.read())).toBe("");
  });

  it("reads to the end without a size, and with a negative one", async () => {
    expect(text(await inputOf("ab", "c").read())).toBe("abc");
    expect(text(await inputOf("ab", "c").read(-1))).toBe("abc");
  });

  it("is empty where there is no content", async () => {
    const input = new BodyInput(null);
    expect(await input.read()).toHaveLength(0);
    expect(await input.readline()).toHaveLength(0);
    expect(await input.readlines()).toEqual([]);
    expect(await linesOf(input)).toEqual([]);
  });

  it("reads lines", async () => {
    const input = inputOf("a", "b\n", "\nc\r\nlong ", "line");
    expect(text(await input.readline())).toBe("ab\n");
    expect(text(await input.readline())).toBe("\n");
    expect(text(await input.readline(2))).toBe("c\r");
    expect(text(await input.readline(2))).toBe("\n");
    expect(text(await input.readline(4))).toBe("long");
    expect(text(await input.readline())).toBe(" line");
    expect(text(await input.readline())).toBe("");
  });

  it("reads all lines, or about as many bytes of them as were asked for", async () => {
    const pieces = ["1\n22\n", "333\n4"];
    expect((await inputOf(...pieces).readlines()).map(text)).toEqual(["1\n", "22\n", "333\n", "4"]);
    expect((await inputOf(...pieces).readlines(0)).map(text)).toHaveLength(4);
    const input = inputOf(...pieces);
    expect((await input.readlines(3)).map(text)).toEqual(["1\n", "22\n"]);
    expect(await linesOf(input)).toEqual(["333\n", "4"]);
  });

  it("gives the same lines however the content is cut", async () => {
    const random = new Random(3);
    const whole = Array.from({ length: 60 }, () => "x".repeat(random.below(9))).join("\n");
    const expected = whole.match(/[^\n]*\n|[^\n]+$/g);
    for (let round = 0; round < 50; round++) {
      const pieces = random.split(new TextEncoder().encode(whole), 1 + random.below(20)).map(text);
      expect(await linesOf(inputOf(...pieces))).toEqual(expected);
    }
  });

  it("refuses sizes that are none, and two reads at once", async () => {
    const input = inputOf("abc");
    await expect(input.read(1.5)).rejects.toThrow("whole number of bytes, not 1.5");
    await expect(input.readline("3" as unknown as number)).rejects.toThrow(TypeError);
    const first = input.read(1);
    await expect(input.read(1)).rejects.toThrow("read already");
    expect(text(await first)).toBe("a");
    expect(text(await input.read(1))).toBe("b");
  });

  it("fails as the body does", async () => {
    const input = inputOf("x".repeat(600), "x".repeat(600));
    await expect(input.read()).rejects.toMatchObject({ name: "RequestError", status: 413 });
    await expect(input.readline()).rejects.toMatchObject({ status: 413 });
  });
});
