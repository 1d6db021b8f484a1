import { useCallback, useMemo, useRef, useState } from "react";
import type { MouseEvent } from "react";
import type { TransferId } from "#shared/transfer.ts";
import { ActionMenu } from "../common/action-menu.tsx";
import { useDesignPixel } from "../common/use-design-pixel.ts";
import { useSettingsStore } from "../state/settings-store.ts";
import { useStatusStore } from "../state/status-store.ts";
import { useTransferStore } from "../state/transfer-store.ts";
import type { ListGroup } from "./list-layout.ts";
import type { MeasuredGroup } from "./list-measure.ts";
import type { ScrollWindow } from "./use-scroll-window.ts";
import { measureList, rowsWithin } from "./list-measure.ts";
import { listState, useListStore } from "./list-store.ts";
import { rowMenu } from "./row-menu.ts";
import { viewsOf } from "./selected-views.ts";
import { TransferRow } from "./transfer-row.tsx";
import { CapPanel } from "./cap-panel.tsx";
import { useCommands } from "./use-commands.ts";
import { useListFocus } from "./use-list-focus.ts";
import { useListKeys } from "./use-list-keys.ts";
import { idOf, useRowClick } from "./use-row-click.ts";
import { useScrollWindow } from "./use-scroll-window.ts";
import { useSlotNote } from "./use-sentence.ts";
import classes from "./transfer-list.module.css";

type TransferListProps = { readonly groups: readonly ListGroup[] };

/** Groups with sticky heads, and of their rows those on screen. One tab stop. */
export function TransferList({ groups }: TransferListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const density = useSettingsStore((state) => state.settings.density);
  const shown = useScrollWindow(scroller);
  const { measured, ids, height } = useMeasured(groups);
  const { tabStop, focusRow, onFocus, onBlur } = useListFocus(scroller, ids);
  const { menu, openMenu, openAtPointer, closeMenu } = useRowMenu(focusRow);
  const onKeyDown = useListKeys({ ids, focusRow, openMenu });
  const onClick = useRowClick(ids, openMenu);
  return (
    <div ref={scroller} className={classes.scroller}>
      <div
        role="grid"
        aria-label="Transfers"
        aria-rowcount={ids.length}
        aria-multiselectable
        data-density={density}
        className={classes.grid}
        style={{ height }}
        onKeyDown={onKeyDown}
        onClick={onClick}
        onContextMenu={openAtPointer}
        onFocus={onFocus}
        onBlur={onBlur}
      >
        {measured.map((part) => (
          <Group key={part.group.name} part={part} shown={shown} tabStop={tabStop} />
        ))}
      </div>
      {menu && <RowMenu menu={menu} onClose={closeMenu} />}
      <RowCap focusRow={focusRow} />
    </div>
  );
}

function useMeasured(groups: readonly ListGroup[]) {
  const density = useSettingsStore((state) => state.settings.density);
  const pixel = useDesignPixel();
  return useMemo(() => {
    const measured = measureList(groups, density, pixel);
    const ids = measured.flatMap(({ rows }) => rows.map(({ row }) => row.id));
    const last = measured.at(-1);
    return { measured, ids, height: last ? last.top + last.height : 0 };
  }, [groups, density, pixel]);
}

type GroupProps = {
  readonly part: MeasuredGroup;
  readonly shown: ScrollWindow;
  readonly tabStop: TransferId | null;
};

function Group({ part, shown, tabStop }: GroupProps) {
  const selected = useListStore((state) => state.selected);
  const rows = rowsWithin(part, shown, tabStop);
  // A group of which no row is drawn is its head alone.
  const group = rows.length > 0 ? { role: "rowgroup", "aria-label": part.group.title } : {};
  return (
    <div {...group} className={classes.group} style={{ top: part.top, height: part.height }}>
      <div className={classes.head}>
        <span>{part.group.title}</span>
        <span className={classes.count}>{part.group.rows.length}</span>
        {part.group.name === "active" && <SlotNote />}
      </div>
      {rows.map(({ row, index, top, height }) => (
        <TransferRow
          key={row.id}
          row={row}
          rowIndex={index + 1}
          top={top}
          height={height}
          isTabStop={row.id === tabStop}
          isSelected={selected.has(row.id)}
        />
      ))}
    </div>
  );
}

function SlotNote() {
  return <span className={classes.note}>{useSlotNote()}</span>;
}

/** The open menu: whose, and where. */
type OpenMenu = { readonly id: TransferId; readonly anchor: DOMRect };

/** So that a right click opens the menu to the right of the pointer. */
const MENU_WIDTH = 228;

function useRowMenu(focusRow: (id: TransferId) => void) {
  const [menu, setMenu] = useState<OpenMenu | null>(null);
  const openMenu = useCallback((id: TransferId, anchor: DOMRect) => {
    if (!listState().selected.has(id)) listState().select(id);
    setMenu({ id, anchor });
  }, []);
  const openAtPointer = useCallback(
    (event: MouseEvent) => {
      const id = idOf(event.target);
      if (id === null) return;
      event.preventDefault();
      openMenu(id, new DOMRect(event.clientX + MENU_WIDTH, event.clientY));
    },
    [openMenu],
  );
  const closeMenu = useCallback(() => {
    setMenu(null);
    if (menu) focusRow(menu.id);
  }, [menu, focusRow]);
  return { menu, openMenu, openAtPointer, closeMenu };
}

type RowMenuProps = { readonly menu: OpenMenu; readonly onClose: () => void };

function RowMenu({ menu, onClose }: RowMenuProps) {
  const run = useCommands();
  const host = useStatusStore((state) => state.host);
  const view = useTransferStore((state) => state.byId.get(menu.id));
  if (!view) return null;
  return (
    <ActionMenu
      label={`Commands for ${view.name}`}
      anchor={menu.anchor}
      entries={rowMenu(view, host, (command) => run(command, viewsOf(listState().selected)))}
      onClose={onClose}
    />
  );
}

type RowCapProps = { readonly focusRow: (id: TransferId) => void };

/** At the row, which takes the focus back. */
function RowCap({ focusRow }: RowCapProps) {
  const capping = useListStore((state) => state.capping);
  const onClose = useCallback(() => {
    const [first] = listState().capping?.ids ?? [];
    listState().askToCap(null);
    if (first !== undefined) focusRow(first);
  }, [focusRow]);
  const views = viewsOf(capping?.ids ?? []);
  if (!capping || views.length === 0) return null;
  return <CapPanel views={views} anchor={capping.anchor} onClose={onClose} />;
}
