import type { TransferId } from "#shared/transfer.ts";
import type { ItemRow, Journal } from "./journal.ts";

const PAGE = 200;

/**
 * The waiting items of one transfer, in order, a page in memory at a time. An item is handed out
 * once; `rewind` looks again for those that came back to `waiting` behind the cursor.
 */
export class ItemFeeder {
  readonly #journal: Pick<Journal, "items">;
  readonly #transferId: TransferId;
  readonly #underWay: () => Iterable<number>;
  #page: ItemRow[] = [];
  #afterIndex = -1;
  #rewinds = 0;

  constructor(
    journal: Pick<Journal, "items">,
    transferId: TransferId,
    underWay: () => Iterable<number>,
  ) {
    this.#journal = journal;
    this.#transferId = transferId;
    this.#underWay = underWay;
  }

  /** The first waiting item that `fits`, or null when none of the next few does, or none waits. */
  async next(fits: (row: ItemRow) => boolean): Promise<ItemRow | null> {
    if (this.#page.length === 0) await this.#read();
    const at = this.#page.findIndex(fits);
    if (at === -1) return null;
    return this.#page.splice(at, 1)[0] ?? null;
  }

  /** No item waits, as far as was looked. */
  get isEmpty(): boolean {
    return this.#page.length === 0;
  }

  rewind(): void {
    this.#rewinds += 1;
    this.#page = [];
    this.#afterIndex = -1;
  }

  async #read(): Promise<void> {
    for (;;) {
      const rewinds = this.#rewinds;
      // What is done by the time the answer comes was still waiting when the journal was asked.
      const underWay = new Set(this.#underWay());
      const rows = await this.#journal.items({
        transferId: this.#transferId,
        phases: ["waiting"],
        afterIndex: this.#afterIndex,
        limit: PAGE,
      });
      // What came back to waiting meanwhile may lie behind this page.
      if (rewinds !== this.#rewinds) continue;
      this.#afterIndex = rows.at(-1)?.index ?? this.#afterIndex;
      this.#page = rows.filter((row) => !underWay.has(row.index));
      // A whole page of items under way must not look like the end.
      if (this.#page.length > 0 || rows.length < PAGE) return;
    }
  }
}
