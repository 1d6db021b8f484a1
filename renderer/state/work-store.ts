import { create } from "zustand";
import type { CacheWorkState } from "#shared/cache.ts";

/** Work on the cache in the background: that under way, and the last that ended. */
export const useWorkStore = create<CacheWorkState>(() => ({ now: null, last: null }));
