import type { Client } from "#shared/client.ts";
import type { ItemPhase, ItemView, TransferId } from "#shared/transfer.ts";

/** Items in one request. */
export const PAGE_SIZE = 200;
/** Pages kept; those out of sight the longest go first, so that a million items stay few here. */
const PAGES_KEPT = 20;

type Page = { readonly items: readonly ItemView[]; readonly isStale: boolean };

/**
 * The items of one transfer, by index, as far as they were looked at. Not a store: one lives as long as
 * the list that shows it.
 */
export class ItemPages {
  readonly #ask: (offset: number) => Promise<{ items: readonly ItemView[]; total: number }>;
  readonly #onChange: () => void;
  /** By page number; in the order of last use. */
  readonly #pages = new Map<number, Page>();
  readonly #asking = new Set<number>();
  #total = 0;

  constructor(
    client: Client,
    of: { readonly id: TransferId; readonly phases: readonly ItemPhase[] },
    onChange: () => void,
  ) {
    this.#onChange = onChange;
    this.#ask = (offset) =>
      client.call("transfer.items", {
        id: of.id,
        offset,
        limit: PAGE_SIZE,
        phases: [...of.phases],
      });
  }

  get total(): number {
    return this.#total;
  }

  /** Undefined until its page is here. */
  at(index: number): ItemView | undefined {
    return this.#pages.get(Math.floor(index / PAGE_SIZE))?.items[index % PAGE_SIZE];
  }

  /** These are on screen: asks for what is missing or out of date. Half-open. */
  async look(start: number, end: number): Promise<void> {
    const first = Math.floor(start / PAGE_SIZE);
    const last = Math.floor(Math.max(start, end - 1) / PAGE_SIZE);
    const wanted: Promise<void>[] = [];
    for (let number = first; number <= last; number++) {
      const page = this.#pages.get(number);
      if (page) this.#use(number, page);
      if ((!page || page.isStale) && !this.#asking.has(number)) wanted.push(this.#load(number));
    }
    await Promise.all(wanted);
  }

  /** Some items changed: what is shown stays until it is asked for again. */
  markStale(): void {
    for (const [number, page] of this.#pages) this.#pages.set(number, { ...page, isStale: true });
  }

  async #load(number: number): Promise<void> {
    this.#asking.add(number);
    try {
      const { items, total } = await this.#ask(number * PAGE_SIZE);
      this.#total = total;
      this.#use(number, { items, isStale: false });
      this.#forget();
      this.#onChange();
    } catch {
      // The engine is away, which the bar above says; the next look asks again.
    } finally {
      this.#asking.delete(number);
    }
  }

  /** A map keeps its order of insertion, so the last used is put in anew. */
  #use(number: number, page: Page): void {
    this.#pages.delete(number);
    this.#pages.set(number, page);
  }

  #forget(): void {
    for (const number of this.#pages.keys()) {
      if (this.#pages.size <= PAGES_KEPT) return;
      this.#pages.delete(number);
    }
  }
}
