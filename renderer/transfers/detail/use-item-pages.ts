import { useEffect, useMemo, useReducer } from "react";
import type { ItemPhase, TransferId } from "#shared/transfer.ts";
import { useClient } from "../../host/host.ts";
import type { GridRows } from "../../common/virtual-grid.tsx";
import { ItemPages } from "./item-pages.ts";

/** Changes are announced four times a second; a list of files needs them once. */
const REFRESH_MS = 1000;

/** The pages of a transfer's items, kept up to date where they are on screen. */
export function useItemPages(id: TransferId, phases: readonly ItemPhase[]) {
  const client = useClient();
  const [version, redraw] = useReducer((count: number) => count + 1, 0);
  const pages = useMemo(() => new ItemPages(client, { id, phases }, redraw), [client, id, phases]);

  useEffect(() => {
    void pages.look(0, 1);
    let timer: number | null = null;
    const stop = client.onEvent((event) => {
      if (event.type !== "items" || !event.ids.includes(id) || timer !== null) return;
      timer = window.setTimeout(() => {
        timer = null;
        pages.markStale();
        // Drawing tells what is on screen, which asks for it again.
        redraw();
      }, REFRESH_MS);
    });
    return () => {
      stop();
      if (timer !== null) window.clearTimeout(timer);
    };
  }, [client, id, pages]);

  const { total } = pages;
  const rows = useMemo(() => indexesBelow(total), [total]);
  return { pages, rows, version };
}

/** As an array of them would be, which for a million items would be made anew every second. */
function indexesBelow(total: number): GridRows<number> {
  return {
    length: total,
    at: (index) => (index < total ? index : undefined),
    slice: (start = 0, end = total) =>
      Array.from({ length: Math.max(0, Math.min(end, total) - start) }, (_none, at) => start + at),
  };
}
