/** A queue whose two ends both cost a constant amount. */
export class Fifo<T> {
  readonly #items: (T | undefined)[] = [];
  #first = 0;

  get length(): number {
    return this.#items.length - this.#first;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    const items = this.#items;
    const item = items[this.#first];
    if (this.#first === items.length) return undefined;
    items[this.#first++] = undefined;
    // What was taken is cut off when it is more than half.
    if (this.#first * 2 >= items.length) {
      items.splice(0, this.#first);
      this.#first = 0;
    }
    return item;
  }

  /** Puts an item back at the front. Costs as much as the queue is long. */
  unshift(item: T): void {
    this.#items.splice(0, this.#first, item);
    this.#first = 0;
  }

  /** The item at a place, counted from the front. */
  at(index: number): T | undefined {
    return this.#items[this.#first + index];
  }

  /** Puts another item in the place of the last one. */
  replaceLast(item: T): void {
    this.#items[this.#items.length - 1] = item;
  }
}
