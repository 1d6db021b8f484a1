import { useCallback, useEffect, useMemo, useReducer } from "react";
import type { HostEvent } from "#shared/contract.ts";
import type { AskPage } from "./row-pages.ts";
import { useClient } from "../host/host.ts";
import { useReturn } from "../host/use-return.ts";
import { indexesBelow, RowPages } from "./row-pages.ts";

/** Changes are announced four times a second; a list needs them once. */
const REFRESH_MS = 1000;

/**
 * The pages of a long list, kept up to date where they are on screen. `ask` and `isChange` stay the
 * same object while they mean the same list.
 */
export function useRowPages<Row>(
  ask: AskPage<Row>,
  pageRows: number,
  isChange: (event: HostEvent) => boolean,
) {
  const client = useClient();
  const [version, redraw] = useReducer((count: number) => count + 1, 0);
  const pages = useMemo(() => new RowPages(ask, pageRows, redraw), [ask, pageRows]);
  const refresh = useCallback(() => {
    pages.markStale();
    // Drawing tells what is on screen, which asks for it again; a list of nothing is not drawn.
    if (!pages.total) void pages.look(0, 1);
    redraw();
  }, [pages]);

  useEffect(() => {
    void pages.look(0, 1);
    let timer: number | null = null;
    const stop = client.onEvent((event) => {
      if (!isChange(event) || timer !== null) return;
      timer = window.setTimeout(() => {
        timer = null;
        refresh();
      }, REFRESH_MS);
    });
    return () => {
      stop();
      if (timer !== null) window.clearTimeout(timer);
    };
  }, [client, pages, refresh, isChange]);
  useReturn(refresh);

  const total = pages.total ?? 0;
  const rows = useMemo(() => indexesBelow(total), [total]);
  return { pages, rows, version, refresh };
}
