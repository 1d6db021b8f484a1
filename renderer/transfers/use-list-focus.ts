import type { FocusEvent, RefObject } from "react";
import { useCallback, useLayoutEffect, useRef, useState } from "react";
import type { TransferId } from "#shared/transfer.ts";
import { listState, useListStore } from "./list-store.ts";
import { idOf } from "./use-row-click.ts";

/**
 * The list's one tab stop, and the focus in it. A row that moves to another group, or leaves, takes its
 * element with it; the focus then goes to the same row, or to the one that took its place.
 */
export function useListFocus(scroller: RefObject<HTMLElement | null>, ids: readonly TransferId[]) {
  const current = useListStore((state) => state.current);
  const hasFocus = useRef(false);
  const wanted = useRef<TransferId | null>(null);
  const tabStop = useTabStop(ids, current);

  const focusRow = useCallback(
    (id: TransferId) => {
      if (!focusElement(scroller.current, id)) wanted.current = id;
    },
    [scroller],
  );

  useLayoutEffect(() => {
    if (current !== null && tabStop !== null && tabStop !== current) listState().select(tabStop);
    const lost = hasFocus.current && document.activeElement === document.body;
    const target = wanted.current ?? (lost ? tabStop : null);
    if (target !== null && focusElement(scroller.current, target)) wanted.current = null;
  });

  const onFocus = useCallback((event: FocusEvent) => {
    hasFocus.current = true;
    const id = idOf(event.target);
    if (id !== null && id !== listState().current) listState().select(id);
  }, []);
  const onBlur = useCallback(() => {
    hasFocus.current = false;
  }, []);
  return { tabStop, focusRow, onFocus, onBlur };
}

/** The current row, or the one that stands where it last stood. */
function useTabStop(ids: readonly TransferId[], current: TransferId | null): TransferId | null {
  const [lastIndex, setLastIndex] = useState(0);
  const at = current === null ? -1 : ids.indexOf(current);
  if (at !== -1 && at !== lastIndex) setLastIndex(at);
  return ids[at === -1 ? Math.min(lastIndex, ids.length - 1) : at] ?? null;
}

/** False: the row is not drawn yet. */
function focusElement(scroller: HTMLElement | null, id: TransferId): boolean {
  const row = scroller?.querySelector<HTMLElement>(`[role="row"][data-id="${id}"]`);
  row?.focus();
  row?.scrollIntoView({ block: "nearest" });
  return row !== null && row !== undefined;
}
