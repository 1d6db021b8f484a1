import { useCallback, useMemo, useRef, useState } from "react";
import type { TransferId } from "#shared/transfer.ts";
import { ActionMenu } from "../common/action-menu.tsx";
import { useDesignPixel } from "../common/use-design-pixel.ts";
import { useSettingsStore } from "../state/settings-store.ts";
import { useStatusStore } from "../state/status-store.ts";
import { useTransferStore } from "../state/transfer-store.ts";
import type { ListGroup } from "./list-layout.ts";
import { measureList, rowsWithin } from "./list-measure.ts";
import { useListStore } from "./list-store.ts";
import { rowMenu } from "./row-menu.ts";
import { TransferRow } from "./transfer-row.tsx";
import { useCommands } from "./use-commands.ts";
import { useListFocus } from "./use-list-focus.ts";
import { useListKeys } from "./use-list-keys.ts";
import { viewsOf } from "./selected-views.ts";
import { idOf, useRowClick } from "./use-row-click.ts";
import { useScrollWindow } from "./use-scroll-window.ts";
import { useSlotNote } from "./use-sentence.ts";
import classes from "./transfer-list.module.css";

type TransferListProps = { readonly groups: readonly ListGroup[] };

/** The open menu: whose, and where. */
type OpenMenu = { readonly id: TransferId; readonly anchor: DOMRect };

/** Groups with sticky heads, and of their rows those on screen. One tab stop. */
export function TransferList({ groups }: TransferListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const density = useSettingsStore((state) => state.settings.density);
  const pixel = useDesignPixel();
  const shown = useScrollWindow(scroller);
  const measured = useMemo(() => measureList(groups, density, pixel), [groups, density, pixel]);
  const rows = useMemo(() => measured.flatMap((group) => group.rows), [measured]);
  const ids = useMemo(() => rows.map(({ row }) => row.id), [rows]);
  const selected = useListStore((state) => state.selected);
  const { tabStop, focusRow, focusProps } = useListFocus(scroller, ids);
  const stopIndex = ids.findIndex((id) => id === tabStop);
  const [menu, setMenu] = useState<OpenMenu | null>(null);
  const openMenu = useCallback((id: TransferId, anchor: DOMRect) => {
    if (!useListStore.getState().selected.has(id)) useListStore.getState().select(id);
    setMenu({ id, anchor });
  }, []);
  const onKeyDown = useListKeys({ ids, tabStop, focusRow, openMenu });
  const onClick = useRowClick(ids, openMenu);
  const last = measured.at(-1);

  return (
    <div ref={scroller} className={classes.scroller}>
      <div
        role="grid"
        aria-label="Transfers"
        aria-rowcount={rows.length}
        aria-multiselectable
        data-density={density}
        className={classes.grid}
        style={{ height: last ? last.top + last.height : 0 }}
        onKeyDown={onKeyDown}
        onClick={onClick}
        onContextMenu={(event) => {
          const id = idOf(event.target);
          if (id === null) return;
          event.preventDefault();
          openMenu(id, new DOMRect(event.clientX + MENU_WIDTH, event.clientY));
        }}
        {...focusProps}
      >
        {measured.map((part) => (
          <div
            key={part.group.name}
            role="rowgroup"
            aria-label={part.group.title}
            className={classes.group}
            style={{ top: part.top, height: part.height }}
          >
            <GroupHead group={part.group} />
            {rowsWithin(part, shown, stopIndex).map(({ row, index, top, height }) => (
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
        ))}
      </div>
      {menu && (
        <RowMenu
          menu={menu}
          onClose={() => {
            setMenu(null);
            focusRow(menu.id);
          }}
        />
      )}
    </div>
  );
}

/** So that a right click opens the menu to the right of the pointer. */
const MENU_WIDTH = 228;

function GroupHead({ group }: { readonly group: ListGroup }) {
  return (
    <div className={classes.head}>
      <span>{group.title}</span>
      <span className={classes.count}>{group.rows.length}</span>
      {group.name === "active" && <SlotNote />}
    </div>
  );
}

function SlotNote() {
  return <span className={classes.note}>{useSlotNote()}</span>;
}

type RowMenuProps = { readonly menu: OpenMenu; readonly onClose: () => void };

function RowMenu({ menu, onClose }: RowMenuProps) {
  const run = useCommands();
  const host = useStatusStore((state) => state.host);
  const view = useTransferStore((state) => state.byId.get(menu.id));
  if (!view) return null;
  const { selected } = useListStore.getState();
  return (
    <ActionMenu
      label={`Commands for ${view.name}`}
      anchor={menu.anchor}
      entries={rowMenu(view, host, (command) => run(command, viewsOf(selected)))}
      onClose={onClose}
    />
  );
}
