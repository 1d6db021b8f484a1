import type { KeyboardEvent } from "react";
import { createContext, use } from "react";
import { VisuallyHidden } from "@mantine/core";
import { IconFile, IconFolder } from "@tabler/icons-react";
import type { FolderEntry } from "#shared/contract.ts";
import { formatDay } from "../common/format-date.ts";
import { TickBox } from "../common/tick-box.tsx";
import { useFormats } from "../common/use-formats.ts";
import { VirtualGrid } from "../common/virtual-grid.tsx";
import classes from "./folder-view.module.css";

type EntryTableProps = {
  readonly label: string;
  readonly entries: readonly FolderEntry[];
  /** Left out where entries are only opened. */
  readonly ticked?: ReadonlyMap<string, FolderEntry>;
  readonly onTick?: (entries: readonly FolderEntry[], isTicked: boolean) => void;
  readonly onOpen: (path: string) => void;
  /** Enter, when something is ticked. */
  readonly onChoose: () => void;
};

const TableContext = createContext<EntryTableProps | null>(null);

/** What a folder holds: folders open, files and folders can be ticked. */
export function EntryTable(props: EntryTableProps) {
  const { label, entries, ticked, onTick, onOpen } = props;
  const formats = useFormats();
  const open = (entry: FolderEntry) => {
    if (entry.kind === "folder") onOpen(entry.path);
    else onTick?.([entry], true);
  };
  const onRowKey = (event: KeyboardEvent, entry: FolderEntry) => {
    if (event.key === " ") onTick?.([entry], !ticked?.has(entry.path));
    else if (event.key === "Enter" && ticked && ticked.size > 0) props.onChoose();
    else if (event.key === "Enter" || event.key === "ArrowRight") open(entry);
    else return;
    event.preventDefault();
  };
  return (
    <TableContext value={props}>
      <VirtualGrid
        label={`Content of ${label}`}
        columns={onTick ? classes.tickColumns : classes.columns}
        head={
          <>
            {onTick && (
              <span role="columnheader">
                <VisuallyHidden>Ticked</VisuallyHidden>
              </span>
            )}
            <span role="columnheader">Name</span>
            <span role="columnheader" className={classes.size}>
              Size
            </span>
            <span role="columnheader">Modified</span>
          </>
        }
        rows={entries}
        labelOf={(entry) =>
          entry.kind === "folder"
            ? `${entry.name}, folder${ticked?.has(entry.path) ? ", ticked" : ""}`
            : `${entry.name}, ${formats.bytes(entry.sizeBytes)}${ticked?.has(entry.path) ? ", ticked" : ""}`
        }
        {...(ticked && { isSelected: (entry: FolderEntry) => ticked.has(entry.path) })}
        {...(onTick && { onExtend: (passed: readonly FolderEntry[]) => onTick(passed, true) })}
        onRowKey={onRowKey}
        onOpen={open}
        hasFocus
        Cells={EntryCells}
      />
    </TableContext>
  );
}

function EntryCells({ row: entry }: { readonly row: FolderEntry }) {
  const table = use(TableContext);
  const formats = useFormats();
  const isTicked = table?.ticked?.has(entry.path) ?? false;
  const Symbol = entry.kind === "folder" ? IconFolder : IconFile;
  return (
    <>
      {table?.onTick && (
        <span role="gridcell" className={classes.tick}>
          <TickBox
            tabIndex={-1}
            label={`Tick ${entry.name}`}
            isTicked={isTicked}
            onTick={(tick) => table.onTick?.([entry], tick)}
          />
        </span>
      )}
      <span role="gridcell" className={classes.name}>
        <Symbol size={16} stroke={1.6} aria-hidden />
        {entry.kind === "folder" ? (
          <button
            type="button"
            tabIndex={-1}
            className={`${classes.open} lh-cut`}
            onClick={() => table?.onOpen(entry.path)}
          >
            {entry.name}
          </button>
        ) : (
          <span className="lh-cut">{entry.name}</span>
        )}
      </span>
      <span role="gridcell" className={`${classes.size} lh-number`}>
        {entry.kind === "file" && formats.bytes(entry.sizeBytes)}
      </span>
      <span role="gridcell" className={`${classes.date} lh-number`}>
        {formatDay(entry.modifiedAtMs)}
      </span>
    </>
  );
}
