/** Which of Node's options a worker takes over from its parent. */

/** Options that say what to run instead of a file, with the program behind them. A worker that took them over would start workers of its own, for ever. */
const programs: ReadonlySet<string> = new Set(["-e", "--eval", "-p", "--print", "-pe"]);
/** Further options that are this process's own: how its program is read, and what only one process can have. */
const own =
  /^(?:--eval=|--print=|--input-type(?:=|$)|-i$|--interactive$|-c$|--check$|--watch|--test(?:=|-|$)|--inspect)/;

/** The options for a worker: all but those that are for one process only. */
export function inheritableExecArgv(execArgv: readonly string[]): string[] {
  const inherited: string[] = [];
  for (let i = 0; i < execArgv.length; i++) {
    const option = execArgv[i] as string;
    if (programs.has(option) || option === "--input-type") i++;
    else if (!own.test(option)) inherited.push(option);
  }
  return inherited;
}
