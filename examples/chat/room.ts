/** Who is where. */
import type { Member } from "./member.ts";
import { keyOf } from "./text.ts";

export class Room {
  readonly name: string;
  readonly members: Set<Member> = new Set();

  constructor(name: string) {
    this.name = name;
  }

  /** Sends a line to everyone here, but for the one that it is about. */
  tell(line: string, about: Member): void {
    for (const member of this.members) if (member !== about) member.send(line);
  }

  /** The names of those here, in the order in which they came. */
  names(): string[] {
    return Array.from(this.members, ({ name }) => name);
  }
}

/** All rooms, and all members by their names. There is a room as long as there is someone in it. */
export class House {
  readonly #rooms: Map<string, Room> = new Map();
  readonly #members: Map<string, Member> = new Map();

  get rooms(): Iterable<Room> {
    return this.#rooms.values();
  }

  get size(): number {
    return this.#members.size;
  }

  find(name: string): Member | undefined {
    return this.#members.get(keyOf(name));
  }

  /** Gives a member a name. False when it is taken. */
  admit(member: Member, name: string): boolean {
    if (this.find(name) !== undefined) return false;
    member.name = name;
    this.#members.set(keyOf(name), member);
    return true;
  }

  /** Brings a member into a room, which is made if there is none. */
  move(member: Member, roomName: string): Room {
    const room = this.#rooms.get(keyOf(roomName)) ?? new Room(roomName);
    if (member.room === room) return room;
    this.#leaveRoom(member, `* ${member.name} left for ${room.name}`);
    this.#rooms.set(keyOf(room.name), room);
    member.room = room;
    room.members.add(member);
    room.tell(`* ${member.name} joined ${room.name}`, member);
    return room;
  }

  /** Takes a member out. `why` is told to the room, if there is a reason to tell. */
  dismiss(member: Member, why: string | undefined): void {
    this.#leaveRoom(member, why && `* ${member.name} left (${why})`);
    if (this.find(member.name) === member) this.#members.delete(keyOf(member.name));
  }

  #leaveRoom(member: Member, notice: string | undefined): void {
    const { room } = member;
    if (room === undefined) return;
    member.room = undefined;
    room.members.delete(member);
    if (notice !== undefined) room.tell(notice, member);
    if (room.members.size === 0) this.#rooms.delete(keyOf(room.name));
  }
}
