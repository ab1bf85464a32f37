import { expect, test } from "vitest";
import { inheritableExecArgv } from "./exec-argv.ts";

test.each([
  [["--input-type=module", "--eval", "start()"], []],
  [["--input-type", "module", "-e", "start()", "--max-old-space-size=100"], ["--max-old-space-size=100"]],
  [["-p", "1", "--conditions=x"], ["--conditions=x"]],
  [["--inspect=9229", "--inspect-brk", "--watch", "--watch-path=src", "--test"], []],
  [
    ["--import", "tsx", "--require", "./a.cjs", "--enable-source-maps"],
    ["--import", "tsx", "--require", "./a.cjs", "--enable-source-maps"],
  ],
])("of %j a worker takes over %j", (given, inherited) => {
  expect(inheritableExecArgv(given)).toEqual(inherited);
});
