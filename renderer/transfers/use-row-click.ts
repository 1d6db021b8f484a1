import type { MouseEvent } from "react";
import { useCallback } from "react";
import { TransferId } from "#shared/transfer.ts";
import { useNarrow } from "../shell/use-narrow.ts";
import { useStatusStore } from "../state/status-store.ts";
import { idsBetween } from "./ids-between.ts";
import { listState } from "./list-store.ts";
import { primaryAction } from "./row-commands.ts";
import { viewsOf } from "./selected-views.ts";
import { useCommands } from "./use-commands.ts";

/** One listener for all rows: their buttons carry what they are for. */
export function useRowClick(
  ids: readonly TransferId[],
  openMenu: (id: TransferId, anchor: DOMRect) => void,
): (event: MouseEvent) => void {
  const run = useCommands();
  const narrow = useNarrow();
  return useCallback(
    (event) => {
      const id = idOf(event.target);
      if (id === null || !(event.target instanceof Element)) return;
      const button = event.target.closest<HTMLElement>("button, label, input");
      if (!button) pick(ids, id, event, narrow);
      else if ("menu" in button.dataset) openMenu(id, button.getBoundingClientRect());
      else if (button.dataset["command"] === "limit") run("limit", viewsOf([id]));
      else if ("command" in button.dataset) {
        const views = viewsOf([id]);
        const action = views[0] && primaryAction(views[0], useStatusStore.getState().host);
        if (action) run(action.command, views);
      }
    },
    [ids, openMenu, run, narrow],
  );
}

/** The transfer of the row that something in it belongs to. */
export function idOf(target: EventTarget): TransferId | null {
  const row = target instanceof Element ? target.closest<HTMLElement>('[role="row"]') : null;
  return row?.dataset["id"] === undefined ? null : TransferId.parse(row.dataset["id"]);
}

type Held = { readonly shiftKey: boolean; readonly ctrlKey: boolean; readonly metaKey: boolean };

/** A click shows the details, where there is room beside the list. */
function pick(ids: readonly TransferId[], id: TransferId, held: Held, narrow: boolean): void {
  const { current, selected, select, openDetail } = listState();
  if (held.shiftKey && current !== null) select(id, idsBetween(ids, current, id));
  else if (held.ctrlKey || held.metaKey) select(id, [...selected]);
  else {
    select(id);
    if (!narrow) openDetail(true);
  }
}
