/** What a reading found; `isAll`: more bytes would say no more. */
export type Found<Head> = { readonly head: Head; readonly isAll: boolean };

/** The beginning of one version of a file, as far as it was read. */
type HeldHead<Head> = { readonly readBytes: number; readonly head: Head };

/**
 * What was read of heads, by version, the least recently used going first. Two who ask for the same
 * at once wait for one reading.
 */
export class HeadCache<Head> {
  readonly #most: number;
  readonly #held = new Map<string, HeldHead<Head>>();
  readonly #reading = new Map<string, Promise<Head>>();

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#held.size;
  }

  /** What is held of at least `bytes`, else what `read` answers, which is then held. */
  async get(version: string, bytes: number, read: () => Promise<Found<Head>>): Promise<Head> {
    const held = this.#held.get(version);
    if (held && held.readBytes >= bytes) {
      this.#keep(version, held);
      return held.head;
    }
    const name = `${bytes} ${version}`;
    const reading = this.#reading.get(name) ?? this.#read(name, version, bytes, read);
    return await reading;
  }

  #read(
    name: string,
    version: string,
    bytes: number,
    read: () => Promise<Found<Head>>,
  ): Promise<Head> {
    const reading = read()
      .then(({ head, isAll }) => {
        const readBytes = isAll ? Infinity : bytes;
        const longer = this.#held.get(version);
        if (!longer || longer.readBytes < readBytes) this.#keep(version, { readBytes, head });
        return head;
      })
      .finally(() => this.#reading.delete(name));
    this.#reading.set(name, reading);
    return reading;
  }

  #keep(version: string, held: HeldHead<Head>): void {
    this.#held.delete(version);
    this.#held.set(version, held);
    if (this.#held.size <= this.#most) return;
    const [oldest] = this.#held.keys();
    if (oldest !== undefined) this.#held.delete(oldest);
  }
}
