/**
 * Holds back Node's warnings until the start is over: where it fails, Node often warns of the same thing that the
 * one line of the error says.
 * @returns What lets them out.
 */
export function holdWarnings(): () => void {
  const printers = process.rawListeners("warning") as ((warning: Error) => void)[];
  const held: Error[] = [];
  const hold = (warning: Error): number => held.push(warning);
  process.removeAllListeners("warning");
  process.on("warning", hold);
  return () => {
    process.off("warning", hold);
    for (const print of printers) process.on("warning", print);
    for (const warning of held) process.emit("warning", warning);
  };
}
