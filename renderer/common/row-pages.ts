import type { ErrorInfo } from "#shared/errors.ts";
import { toErrorInfo } from "#shared/errors.ts";
import type { GridRows } from "./virtual-grid.tsx";

/** Pages kept; those out of sight the longest go first, so that a million rows stay few here. */
const PAGES_KEPT = 20;

export type AskPage<Row> = (
  offset: number,
  limit: number,
) => Promise<{ readonly rows: readonly Row[]; readonly total: number }>;

type Page<Row> = { readonly rows: readonly Row[]; readonly isStale: boolean };

/**
 * A long list that the engine has, by index, as far as it was looked at. Not a store: one lives as
 * long as the grid that shows it.
 */
export class RowPages<Row> {
  readonly #ask: AskPage<Row>;
  readonly #pageRows: number;
  readonly #onChange: () => void;
  /** By page number; in the order of last use. */
  readonly #pages = new Map<number, Page<Row>>();
  readonly #asking = new Set<number>();
  /** Counts what was heard of changes: an answer from before one is out of date when it comes. */
  #changes = 0;
  #total: number | null = null;
  #error: ErrorInfo | null = null;

  constructor(ask: AskPage<Row>, pageRows: number, onChange: () => void) {
    this.#ask = ask;
    this.#pageRows = pageRows;
    this.#onChange = onChange;
  }

  /** Null until a first page has come. */
  get total(): number | null {
    return this.#total;
  }

  /** Why the last answer did not come; the next look asks again. */
  get error(): ErrorInfo | null {
    return this.#error;
  }

  /** Undefined until its page is here. */
  at(index: number): Row | undefined {
    return this.#pages.get(Math.floor(index / this.#pageRows))?.rows[index % this.#pageRows];
  }

  /** These are on screen: asks for what is missing or out of date. Half-open. */
  async look(start: number, end: number): Promise<void> {
    const first = Math.floor(start / this.#pageRows);
    const last = Math.floor(Math.max(start, end - 1) / this.#pageRows);
    const wanted: Promise<void>[] = [];
    for (let number = first; number <= last; number++) {
      const page = this.#pages.get(number);
      if (page) this.#use(number, page);
      if ((!page || page.isStale) && !this.#asking.has(number)) wanted.push(this.#load(number));
    }
    await Promise.all(wanted);
  }

  /** Some rows changed: what is shown stays until it is asked for again. */
  markStale(): void {
    this.#changes += 1;
    for (const [number, page] of this.#pages) this.#pages.set(number, { ...page, isStale: true });
  }

  async #load(number: number): Promise<void> {
    this.#asking.add(number);
    const asked = this.#changes;
    try {
      const { rows, total } = await this.#ask(number * this.#pageRows, this.#pageRows);
      this.#total = total;
      this.#error = null;
      this.#use(number, { rows, isStale: asked !== this.#changes });
      this.#forget();
      this.#asking.delete(number);
      this.#onChange();
    } catch (thrown) {
      this.#asking.delete(number);
      const isNews = this.#error === null;
      this.#error = toErrorInfo(thrown);
      // Said once: what draws looks again, and would ask without a rest.
      if (isNews) this.#onChange();
    }
  }

  /** A map keeps its order of insertion, so the last used is put in anew. */
  #use(number: number, page: Page<Row>): void {
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

/** As an array of them would be, which for a million rows would be made anew at every change. */
export function indexesBelow(total: number): GridRows<number> {
  return {
    length: total,
    at: (index) => (index < total ? index : undefined),
    slice: (start = 0, end = total) =>
      Array.from({ length: Math.max(0, Math.min(end, total) - start) }, (_none, at) => start + at),
  };
}
