import type { RefObject } from "react";
import { useCallback, useLayoutEffect, useRef } from "react";
import type { TransferId } from "#shared/transfer.ts";
import { useListStore } from "./list-store.ts";

/**
 * The list's one tab stop, and the focus in it. A row that moves to another group, or leaves, takes its
 * element with it; the focus then goes to the same row, or to the one that took its place.
 */
export function useListFocus(scroller: RefObject<HTMLElement | null>, ids: readonly TransferId[]) {
  const current = useListStore((state) => state.current);
  const hasFocus = useRef(false);
  const wanted = useRef<TransferId | null>(null);
  const lastIndex = useRef(0);

  const at = current === null ? -1 : ids.indexOf(current);
  const tabStop = ids[at === -1 ? Math.min(lastIndex.current, ids.length - 1) : at] ?? null;

  const focusRow = useCallback(
    (id: TransferId) => {
      if (!focusElement(scroller.current, id)) wanted.current = id;
    },
    [scroller],
  );

  useLayoutEffect(() => {
    if (at !== -1) lastIndex.current = at;
    else if (current !== null && tabStop !== null) useListStore.getState().select(tabStop);
    const lost = hasFocus.current && document.activeElement === document.body;
    const target = wanted.current ?? (lost ? tabStop : null);
    if (target !== null && focusElement(scroller.current, target)) wanted.current = null;
  });

  return {
    tabStop,
    focusRow,
    focusProps: {
      onFocus: () => {
        hasFocus.current = true;
      },
      onBlur: () => {
        hasFocus.current = false;
      },
    },
  };
}

/** False: the row is not drawn yet. */
function focusElement(scroller: HTMLElement | null, id: TransferId): boolean {
  const row = scroller?.querySelector<HTMLElement>(`[role="row"][data-id="${id}"]`);
  row?.focus();
  row?.scrollIntoView({ block: "nearest" });
  return row !== null && row !== undefined;
}
