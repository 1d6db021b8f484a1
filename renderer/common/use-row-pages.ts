import { useCallback, useEffect, useMemo, useReducer } from "react";
import type { HostEvent } from "#shared/contract.ts";
import type { AskPage } from "./row-pages.ts";
import { useChanges } from "../host/use-changes.ts";
import { indexesBelow, RowPages } from "./row-pages.ts";

/**
 * The pages of a long list, kept up to date where they are on screen. `ask` and `isChange` stay the
 * same object while they mean the same list.
 */
export function useRowPages<Row>(
  ask: AskPage<Row>,
  pageRows: number,
  isChange: (event: HostEvent) => boolean,
) {
  const [version, redraw] = useReducer((count: number) => count + 1, 0);
  const pages = useMemo(() => new RowPages(ask, pageRows, redraw), [ask, pageRows]);
  const refresh = useCallback(() => {
    pages.markStale();
    // Drawing tells what is on screen, which asks for it again; a list of nothing is not drawn.
    if (!pages.total) void pages.look(0, 1);
    redraw();
  }, [pages]);

  useEffect(() => void pages.look(0, 1), [pages]);
  useChanges(isChange, refresh);

  const total = pages.total ?? 0;
  const rows = useMemo(() => indexesBelow(total), [total]);
  return { pages, rows, version, refresh };
}
