import type { TransferId } from "#shared/transfer.ts";
import type { NewItem } from "./journal.ts";
import type { TransferBook } from "./transfer-book.ts";
import type { Listing } from "./transfer-record.ts";

/** Few enough to be quick to commit, many enough that a million items are few commits. */
const PAGE_ITEMS = 500;

/**
 * Adds the items that a listing finds, a page at a time, each page together with how far the
 * listing came: after a crash it goes on there, without an item twice.
 */
export class ItemPager {
  readonly #book: TransferBook;
  readonly #id: TransferId;
  readonly #onAdded: () => void;
  #listing: Listing;
  #page: NewItem[] = [];
  #isBroken = false;

  constructor(book: TransferBook, id: TransferId, onAdded: () => void) {
    this.#book = book;
    this.#id = id;
    this.#onAdded = onAdded;
    this.#listing = book.get(id).listing;
  }

  get listing(): Listing {
    return this.#listing;
  }

  /** The journal did not take a page: what was found since it did is lost to this listing. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Adds an item; a full page is committed. @param cursor Where the listing goes on after it. */
  async add(item: Omit<NewItem, "index">, cursor: string | null): Promise<void> {
    this.keep(item);
    this.#listing = { ...this.#listing, cursor };
    if (this.#page.length >= PAGE_ITEMS) await this.flush();
  }

  /** Adds an item to a page that is committed whole, by `flushAt`. */
  keep(item: Omit<NewItem, "index">): void {
    this.#page.push({ ...item, index: this.#listing.itemCount });
    this.#listing = { ...this.#listing, itemCount: this.#listing.itemCount + 1 };
  }

  /** What was found so far becomes durable, and can start to move. */
  async flush(): Promise<void> {
    const page = this.#page;
    this.#page = [];
    this.#isBroken = true;
    await this.#book.addItems(this.#id, page, this.#listing);
    this.#isBroken = false;
    this.#onAdded();
  }

  /** A page of the store ended: the next one begins at this cursor. */
  async flushAt(cursor: string | null): Promise<void> {
    this.#listing = { ...this.#listing, cursor };
    await this.flush();
  }

  /** The source at hand is listed, or so many; the next one, if any, begins at its start. */
  async endSource(count = 1): Promise<void> {
    this.#listing = { ...this.#listing, source: this.#listing.source + count, cursor: null };
    await this.flush();
  }

  /** @param more What else is known then. */
  async end(more: Pick<Listing, "extras"> = {}): Promise<void> {
    this.#listing = { ...this.#listing, isComplete: true, ...more };
    await this.flush();
  }

  /** What is to be deleted is being looked for, or known. */
  async extrasAre(extras: "listing" | "listed"): Promise<void> {
    this.#listing = { ...this.#listing, extras };
    await this.flush();
  }
}
