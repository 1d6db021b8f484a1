import type { KeyboardEvent } from "react";
import { useCallback, useMemo, useState } from "react";
import type { CacheEntry } from "#shared/cache.ts";
import { ActionMenu } from "../common/action-menu.tsx";
import { useFormats } from "../common/use-formats.ts";
import { useNow } from "../common/use-now.ts";
import { VirtualGrid } from "../common/virtual-grid.tsx";
import { useStatusStore } from "../state/status-store.ts";
import { useWorkStore } from "../state/work-store.ts";
import { tickEntries, useCacheStore } from "./cache-store.ts";
import { EntryCells, EntryContext } from "./entry-cells.tsx";
import { entryKey, pinCommand } from "./entry-commands.ts";
import { EntryHead } from "./entry-head.tsx";
import { entryMenu } from "./entry-menu.ts";
import { idText, sentenceOf } from "./entry-words.ts";
import type { useEntries } from "./use-entries.ts";
import type { RunEntryCommand } from "./use-entry-commands.ts";
import classes from "./entry-list.module.css";

type EntryListProps = {
  readonly list: ReturnType<typeof useEntries>;
  readonly run: RunEntryCommand;
  readonly onTickAll: (isTicked: boolean) => void;
};

/** Every entry that matches, of which only those on screen are asked for. */
export function EntryList({ list, run, onTickAll }: EntryListProps) {
  const { pages, rows } = list;
  const formats = useFormats();
  const nowMs = useNow(false);
  const ticked = useCacheStore((state) => state.ticked);
  const [menu, setMenu] = useState<MenuAt | null>(null);

  const openMenu = useCallback(
    (index: number, anchor: DOMRect) => {
      const entry = pages.at(index);
      if (entry) setMenu({ index, anchor, entries: chosenWith(entry) });
    },
    [pages],
  );
  const context = useMemo(() => ({ pages, run, openMenu }), [pages, run, openMenu]);
  const tick = (indexes: readonly number[], isTicked: boolean) =>
    tickEntries(
      indexes.flatMap((index) => pages.at(index) ?? []),
      isTicked,
    );
  const isTicked = (index: number) => {
    const entry = pages.at(index);
    return entry !== undefined && ticked.has(idText(entry));
  };
  const onRowKey = (event: KeyboardEvent, index: number) => {
    const entry = pages.at(index);
    const key = entryKey(event);
    if (!entry || key === null) return;
    event.preventDefault();
    if (key === "tick") tick([index], !isTicked(index));
    else if (key === "tick-all") onTickAll(true);
    else runOn(run, key, chosenWith(entry));
  };
  const closeMenu = useCallback(() => {
    const row = document.querySelector<HTMLElement>(`[role="row"][data-index="${menu?.index}"]`);
    row?.focus();
    setMenu(null);
  }, [menu]);
  return (
    <EntryContext value={context}>
      <div className={classes.listing}>
        <VirtualGrid
          label="Entries"
          columns={classes.columns}
          head={<EntryHead total={rows.length} onTickAll={onTickAll} />}
          rows={rows}
          labelOf={(index) => sentenceOf(pages.at(index), { formats, nowMs })}
          isSelected={isTicked}
          onRowKey={onRowKey}
          onExtend={(indexes) => tick(indexes, true)}
          onMenu={openMenu}
          onRange={(start, end) => void pages.look(start, end)}
          Cells={EntryCells}
        />
      </div>
      {menu && <EntryMenu menu={menu} run={run} onClose={closeMenu} />}
    </EntryContext>
  );
}

type MenuAt = {
  readonly index: number;
  readonly anchor: DOMRect;
  readonly entries: readonly CacheEntry[];
};

/** Commands hold for all that is ticked, or for the row alone where that is not ticked. */
function chosenWith(entry: CacheEntry): readonly CacheEntry[] {
  const { ticked } = useCacheStore.getState();
  return ticked.has(idText(entry)) ? [...ticked.values()] : [entry];
}

type Key = Exclude<ReturnType<typeof entryKey>, "tick" | "tick-all" | null>;

function runOn(run: RunEntryCommand, key: Key, entries: readonly CacheEntry[]): void {
  run(key === "toggle-pin" ? pinCommand(entries) : key, entries);
}

type EntryMenuProps = {
  readonly menu: MenuAt;
  readonly run: RunEntryCommand;
  readonly onClose: () => void;
};

function EntryMenu({ menu, run, onClose }: EntryMenuProps) {
  const host = useStatusStore((state) => state.host);
  const isWorking = useWorkStore((state) => state.now !== null);
  const [first] = menu.entries;
  const label =
    menu.entries.length === 1 && first ? first.key : `${menu.entries.length} ticked entries`;
  return (
    <ActionMenu
      label={`Commands for ${label}`}
      anchor={menu.anchor}
      entries={entryMenu({ entries: menu.entries, host, isWorking, run })}
      onClose={onClose}
    />
  );
}
