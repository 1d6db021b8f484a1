import { useCallback } from "react";
import { useShallow } from "zustand/react/shallow";
import type { CacheEntry } from "#shared/cache.ts";
import type { AskPage } from "../common/row-pages.ts";
import { useRowPages } from "../common/use-row-pages.ts";
import { useClient } from "../host/host.ts";
import { refreshTicked, useCacheStore } from "./cache-store.ts";
import { isCacheChange } from "./is-cache-change.ts";

/** As many as the engine hands out at once. */
export const PAGE_ENTRIES = 500;

/** The entries as they are to be listed, a page at a time. */
export function useEntries(query: string) {
  const client = useClient();
  const { filter, sort, order } = useCacheStore(
    useShallow((state) => ({ filter: state.filter, sort: state.sort, order: state.order })),
  );
  const ask: AskPage<CacheEntry> = useCallback(
    async (offset, limit) => {
      const asked = { filter, sort, order, query, offset, limit };
      const { entries, total } = await client.call("cache.list", asked);
      refreshTicked(entries);
      return { rows: entries, total };
    },
    [client, filter, sort, order, query],
  );
  return useRowPages(ask, PAGE_ENTRIES, isCacheChange);
}
