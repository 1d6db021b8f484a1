/** What an operation holds, given back together: when it ends, or when its worker is done with it. */
export class Holdings {
  readonly #held: { release(): void }[] = [];
  #over: Promise<void> | null = null;

  add<T extends { release(): void }>(held: T): T {
    this.#held.push(held);
    return held;
  }

  after(over: Promise<void>): void {
    this.#over = over;
  }

  leave(): void {
    const release = () => {
      for (const held of this.#held) held.release();
    };
    if (this.#over === null) release();
    else void this.#over.then(release);
  }
}
