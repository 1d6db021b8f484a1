import { useCallback } from "react";
import type { CacheFilter } from "#shared/cache.ts";
import { useAsked } from "../common/use-asked.ts";
import { useClient } from "../host/host.ts";
import { isCacheChange } from "./is-cache-change.ts";

export const FILTERS = ["all", "pinned", "unused", "trouble", "own"] as const;

export type Counts = ReadonlyMap<
  CacheFilter,
  { readonly total: number; readonly sizeBytes: number }
>;

/** How much each filter would show, of what matches the text. */
export function useCounts(query: string) {
  const client = useClient();
  const ask = useCallback(async (): Promise<Counts> => {
    const asked = FILTERS.map(async (filter) => {
      const { total, sizeBytes } = await client.call("cache.list", { filter, query, limit: 1 });
      return [filter, { total, sizeBytes }] as const;
    });
    return new Map(await Promise.all(asked));
  }, [client, query]);
  return useAsked(ask, isCacheChange);
}
