import { create } from "zustand";
import type { CacheEntry, CacheFilter, CacheSort } from "#shared/cache.ts";
import { idText } from "./entry-words.ts";

/** One call of pins or records takes no more, and nobody ticks more by hand. */
export const TICKS_MOST = 1000;

/** The lists of the screen. */
export const CACHE_TABS = ["entries", "unfinished", "follows"] as const;
export type CacheTab = (typeof CACHE_TABS)[number];

type Ticked = ReadonlyMap<string, CacheEntry>;

/** What the person looks at in the cache. It outlives a change of screen. */
type CacheState = {
  readonly tab: CacheTab;
  readonly text: string;
  readonly filter: CacheFilter;
  readonly sort: CacheSort;
  readonly order: "up" | "down";
  /** By `idText`, as they were seen last. */
  readonly ticked: Ticked;
  /** In which folder "Free up" begins; `"all"` is all of them, null is closed. */
  readonly freeing: { readonly folder: string | null } | null;
  /** Asked about by the dialog; empty is closed. */
  readonly forgetting: readonly CacheEntry[];
  /** When the work ended whose result was put away. */
  readonly seenEndMs: number;
};

export const useCacheStore = create<CacheState>(() => ({
  tab: "entries",
  text: "",
  filter: "all",
  sort: "used",
  order: "down",
  ticked: new Map(),
  freeing: null,
  forgetting: [],
  seenEndMs: 0,
}));

export function lookAt(change: Partial<CacheState>): void {
  useCacheStore.setState(change);
}

/** By another column the other way up first where that says more: names from A, all else from the most. */
export function sortBy(sort: CacheSort): void {
  useCacheStore.setState((state) => {
    if (state.sort === sort) return { order: state.order === "up" ? "down" : "up" };
    return { sort, order: sort === "key" || sort === "path" ? "up" : "down" };
  });
}

/** Answers whether all of them could be ticked. */
export function tickEntries(entries: readonly CacheEntry[], isTicked: boolean): boolean {
  const ticked = new Map(useCacheStore.getState().ticked);
  let isWhole = true;
  for (const entry of entries) {
    if (!isTicked) ticked.delete(idText(entry));
    else if (ticked.size < TICKS_MOST || ticked.has(idText(entry)))
      ticked.set(idText(entry), entry);
    else isWhole = false;
  }
  useCacheStore.setState({ ticked });
  return isWhole;
}

/** What is ticked is kept as the engine said it last. */
export function refreshTicked(entries: readonly CacheEntry[]): void {
  const { ticked } = useCacheStore.getState();
  const seen = entries.filter((entry) => ticked.has(idText(entry)));
  if (seen.length > 0) tickEntries(seen, true);
}
