/**
 * What is open, so that all of it can be visited. It is an array in which each member knows its place: an entry takes eight
 * bytes, and one that has left is not kept. (A `Set` that is added to and deleted from all the time leaves a chain of old
 * tables, which keeps what has long left through the collections of young objects.)
 */

export interface Registered {
  /** Where it stands in its registry; `UNREGISTERED` while it is in none. Set by the registry alone. */
  place: number;
}

export const UNREGISTERED = -1;

export class Registry<T extends Registered> {
  readonly #members: T[] = [];

  get size(): number {
    return this.#members.length;
  }

  /** Adds a member, if it is not in. A member can be in one registry. */
  add(member: T): void {
    if (member.place !== UNREGISTERED) return;
    member.place = this.#members.length;
    this.#members.push(member);
  }

  /** Takes a member out, if it is in. */
  delete(member: T): void {
    const { place } = member;
    if (place === UNREGISTERED) return;
    member.place = UNREGISTERED;
    const last = this.#members.pop() as T;
    if (last === member) return;
    this.#members[place] = last;
    last.place = place;
  }

  /** Visits every member; any of them may leave meanwhile. One that comes meanwhile may be left out. */
  *[Symbol.iterator](): Generator<T, void, undefined> {
    const members = this.#members;
    // From the end: who takes the place of one that leaves has been visited.
    for (let place = members.length - 1; place >= 0; place = Math.min(place, members.length) - 1) {
      yield members[place] as T;
    }
  }
}
