/** Finds what nobody can come back to any more: answers that will never be given, bodies that will never be closed. */

/** What is looked at once its owner is gone. It must not hold the owner. */
export interface Unfinished {
  /** The owner was garbage-collected. */
  forgotten(): void;
}

const owners = new FinalizationRegistry<Unfinished>((unfinished) => unfinished.forgotten());

/** Has `unfinished` told when its owner is garbage-collected. */
export function watchOwner(owner: object, unfinished: Unfinished): void {
  owners.register(owner, unfinished);
}
