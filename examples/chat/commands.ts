/** What a member can say. */
import type { Member } from "./member.ts";
import type { House } from "./room.ts";
import { nameRule, readName } from "./text.ts";

interface Command {
  readonly usage: string;
  readonly help: string;
  /** Does it. What it returns is said to the member. */
  run(house: House, member: Member, rest: string): string | undefined;
}

const commands: Readonly<Record<string, Command>> = {
  join: {
    usage: "/join ROOM",
    help: "go to a room; a new one is opened",
    run(house, member, rest) {
      const name = readName(rest);
      if (name === undefined) return `* ${nameRule}`;
      const room = house.move(member, name);
      return `* You are in ${room.name}: ${room.names().join(", ")}`;
    },
  },
  rooms: {
    usage: "/rooms",
    help: "which rooms there are, and how many are in them",
    run: (house) =>
      `* ${Array.from(house.rooms, ({ name, members }) => `${name} (${members.size})`).join(", ")}`,
  },
  who: {
    usage: "/who",
    help: "who is here",
    run: (_, { room }) => `* In ${room?.name}: ${room?.names().join(", ")}`,
  },
  me: {
    usage: "/me DOES SOMETHING",
    help: "say what you do",
    run(_, member, rest) {
      if (rest === "") return "* What do you do? /me waves";
      member.room?.tell(`* ${member.name} ${rest}`, member);
      return undefined;
    },
  },
  msg: {
    usage: "/msg NAME TEXT",
    help: "say something to one person only",
    run(house, member, rest) {
      const [, name = "", text = ""] = /^(\S+)\s+(.+)$/.exec(rest) ?? [];
      if (text === "") return "* To whom, and what? /msg ada good morning";
      const other = house.find(name);
      if (other === undefined) return `* There is no ${name} here.`;
      other.send(`[${member.name}, to you] ${text}`);
      return undefined;
    },
  },
  help: {
    usage: "/help",
    help: "this list",
    run: () => helpText,
  },
  quit: {
    usage: "/quit [WORDS]",
    help: "leave",
    run: () => undefined, // the conversation ends with it: chat.ts
  },
};

const helpText = Object.values(commands)
  .map(({ usage, help }) => `* ${usage.padEnd(20)}${help}`)
  .join("\n");

/** Takes a line that a member wrote. Returns the words of farewell when it was the last one. */
export function take(house: House, member: Member, line: string): string | undefined {
  if (line === "") return undefined;
  const [, word, rest = ""] = /^\/(\S*)\s*(.*)$/.exec(line) ?? [];
  if (word === undefined) {
    member.room?.tell(`<${member.name}> ${line}`, member);
    return undefined;
  }
  if (word === "quit") return rest || "quit";
  const command = Object.hasOwn(commands, word) ? commands[word] : undefined;
  const reply =
    command === undefined ? `* There is no /${word}. Try /help.` : command.run(house, member, rest);
  if (reply !== undefined) member.send(reply);
  return undefined;
}
