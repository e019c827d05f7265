/**
 * A list sorted by a growing id: entries of a stream, pending entries of a group. Nearly everything is added at its end
 * and taken from its front, so the front is a moving index, not a shift of the whole array.
 */
export class IdOrdered<T extends { readonly id: bigint }> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  /** The id MUST be greater than all that are in the list. */
  append(item: T): void {
    this.#items.push(item);
  }

  at(index: number): T | undefined {
    return this.#items[this.#head + index];
  }

  get first(): T | undefined {
    return this.at(0);
  }

  get last(): T | undefined {
    return this.at(this.length - 1);
  }

  /** The index of the first item whose id is not below `id`; `length` when there is none. */
  indexFrom(id: bigint): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.at(middle)!.id < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  get(id: bigint): T | undefined {
    const item = this.at(this.indexFrom(id));
    return item?.id === id ? item : undefined;
  }

  delete(id: bigint): boolean {
    const index = this.indexFrom(id);
    if (this.at(index)?.id !== id) return false;
    if (index === 0) this.dropFirst(1);
    else this.#items.splice(this.#head + index, 1);
    return true;
  }

  dropFirst(count: number): void {
    this.#items.fill(undefined, this.#head, this.#head + count);
    this.#head += count;
    if (this.#head > 32 && this.#head * 2 > this.#items.length) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
  }

  *from(id: bigint): Generator<T> {
    for (let index = this.indexFrom(id); index < this.length; index += 1) yield this.at(index)!;
  }
}
