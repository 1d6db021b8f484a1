/** A set of 64-bit numbers at 16 bytes each: `Set<bigint>` takes five times that. */
export class U64Set {
  /** Open addressing; 0 is an empty slot. */
  #slots = new BigUint64Array(1024);
  #size = 0;

  has(value: bigint): boolean {
    return this.#slots[this.#find(toSlotValue(value))] !== 0n;
  }

  add(value: bigint): void {
    const at = this.#find(toSlotValue(value));
    if (this.#slots[at] !== 0n) return;
    this.#slots[at] = toSlotValue(value);
    this.#size += 1;
    // Half full: with more, runs of taken slots grow long.
    if (this.#size * 2 > this.#slots.length) this.#grow();
  }

  #grow(): void {
    const values = this.#slots.filter((value) => value !== 0n);
    this.#slots = new BigUint64Array(this.#slots.length * 2);
    for (const value of values) this.#slots[this.#find(value)] = value;
  }

  /** The slot that holds the value, or the empty one where it belongs. */
  #find(value: bigint): number {
    const mask = this.#slots.length - 1;
    let at = Number(value & BigInt(mask));
    while (this.#slots[at] !== 0n && this.#slots[at] !== value) at = (at + 1) & mask;
    return at;
  }
}

/** 0 marks an empty slot, so it shares the slot of 1: good enough for digests. */
function toSlotValue(value: bigint): bigint {
  return value === 0n ? 1n : value;
}
