import { useCallback, useEffect, useRef, useState } from "react";
import type { CacheEntry } from "#shared/cache.ts";
import type { AskPage } from "../common/row-pages.ts";
import { useRowPages } from "../common/use-row-pages.ts";
import { useClient } from "../host/host.ts";
import { isCacheChange } from "./is-cache-change.ts";
import { PAGE_ENTRIES } from "./use-entries.ts";

export type Goal = { readonly freeBytes: number; readonly folder: string | null };

/** What freeing would delete, all pages together. */
export type Preview = {
  readonly goal: Goal;
  readonly total: number;
  readonly freedBytes: number;
  readonly isEnough: boolean;
  readonly plan: string;
};

/** The list that would go, and its sums; null until they are known for this very goal. */
export function usePreview(goal: Goal) {
  const client = useClient();
  const [preview, setPreview] = useState<Preview | null>(null);
  const plan = useRef<string | null>(null);
  const outdate = useRef(() => {});
  const ask: AskPage<CacheEntry> = useCallback(
    async (offset, limit) => {
      const { entries, ...sums } = await client.call("cache.preview", { ...goal, offset, limit });
      // Pages of two lists do not make one.
      if (offset > 0 && plan.current !== null && plan.current !== sums.plan) outdate.current();
      plan.current = sums.plan;
      setPreview({ goal, ...sums });
      return { rows: entries, total: sums.total };
    },
    [client, goal],
  );
  const list = useRowPages(ask, PAGE_ENTRIES, isCacheChange);
  const { refresh } = list;
  useEffect(() => {
    outdate.current = refresh;
  }, [refresh]);
  return { ...list, preview: preview?.goal === goal ? preview : null };
}
