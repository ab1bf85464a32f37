/**
 * A chat room on socle/net alone. `nc` is a client.
 *
 *     npx socle tcp examples/chat/chat.ts      (or: node examples/chat/server.ts)
 *     nc 127.0.0.1 7000
 *
 * Who is here is known to one process only: it runs by the model `events`, not by several threads or processes.
 */
import { type Connection, type ConnectionHandler, ConnectionLost, Timeout } from "socle/net";
import { take } from "./commands.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { Member, SlowReader } from "./member.ts";
import { House } from "./room.ts";
import { nameRule, readName } from "./text.ts";

const LOBBY = "lobby";
const ATTEMPTS = 5;

/** A chat of its own: the handler of its connections. */
export function createChat(options: Partial<Limits> = {}): ConnectionHandler {
  const limits: Limits = { ...defaultLimits, ...options };
  const house = new House();

  return async (connection: Connection, closing: AbortSignal): Promise<void> => {
    const member = new Member(connection, closing, limits);
    let farewell: string | undefined = "connection lost";
    try {
      if (!(await enter(house, member, limits))) return;
      farewell = await converse(house, member, limits);
    } catch (error) {
      if (closing.aborted) {
        member.send("* The chat is closing. Goodbye.");
        farewell = undefined; // no news for those who leave as well
      } else if (error instanceof Timeout) {
        member.send("* Nothing came from you for too long. Goodbye.");
        farewell = "timed out";
      } else if (error instanceof SlowReader) {
        farewell = error.message;
      } else if (!(error instanceof ConnectionLost)) {
        throw error;
      }
    } finally {
      house.dismiss(member, farewell);
    }
  };
}

/** Asks for a name until there is one that is free. False when none came. */
async function enter(house: House, member: Member, { members, nameTimeout }: Limits): Promise<boolean> {
  member.send("Welcome. What is your name?");
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const line = await member.receive(nameTimeout);
    if (line === null) return false;
    const name = readName(line);
    if (house.size >= members) {
      member.send("The chat is full. Try again later.");
      return false;
    }
    if (name === undefined) member.send(`${nameRule} What is yours?`);
    else if (!house.admit(member, name)) member.send(`${name} is here already. What is your name?`);
    else return true;
  }
  member.send("Goodbye.");
  return false;
}

/** Takes what a member says, to the last word, which it returns. */
async function converse(house: House, member: Member, { idleTimeout }: Limits): Promise<string> {
  const room = house.move(member, LOBBY);
  member.send(`* Hello, ${member.name}. You are in ${room.name}: ${room.names().join(", ")}. Try /help.`);
  for (;;) {
    const line = await member.receive(idleTimeout);
    if (line === null) return "hung up";
    const farewell = take(house, member, line);
    if (farewell === undefined) continue;
    member.send("* Goodbye.");
    return farewell;
  }
}

export default createChat();
