import type { KeyboardEvent } from "react";
import { useShallow } from "zustand/react/shallow";
import { VisuallyHidden } from "@mantine/core";
import { IconArrowUp, IconFile, IconFolder } from "@tabler/icons-react";
import type { ListedObject } from "#shared/library-here.ts";
import type { Destination } from "#shared/settings.ts";
import type { LibraryRow } from "./library-rows.ts";
import { formatDay } from "../common/format-date.ts";
import { TickBox } from "../common/tick-box.tsx";
import { useFormats } from "../common/use-formats.ts";
import { VirtualGrid } from "../common/virtual-grid.tsx";
import { useClient } from "../host/host.ts";
import { followOf, FollowSign } from "../follows/follow-sign.tsx";
import { useFollowStore } from "../follows/follow-store.ts";
import { useScreenStore } from "../state/screen-store.ts";
import { HereCell } from "./here-cell.tsx";
import { useFreshHere, useHereStore, wantHere } from "./here-store.ts";
import { hereOf } from "./here-words.ts";
import { parentOf } from "./library-place.ts";
import { loadMore } from "./listing-store.ts";
import { sentenceOf, sizeWords } from "./row-words.ts";
import { ObjectMenu } from "./object-menu.tsx";
import type { ObjectAction } from "./use-object-actions.ts";
import { isObjectAction, useObjectActions } from "./use-object-actions.ts";
import { tickedOf } from "./ticks.ts";
import { tickRows, useTickStore } from "./tick-store.ts";
import classes from "./object-table.module.css";

type ObjectTableProps = {
  readonly place: Destination;
  readonly rows: readonly LibraryRow[];
  readonly hasMore: boolean;
  /** Not while a filter hides rows: the end would always be near. */
  readonly loadsAtEnd: boolean;
  readonly onGet: () => void;
};

/** Objects as they lie: one page of the listing at a time, the next when the end comes near. */
export function ObjectTable({ place, rows, hasMore, loadsAtEnd, onGet }: ObjectTableProps) {
  const client = useClient();
  const formats = useFormats();
  const showPlace = useScreenStore((state) => state.showPlace);
  const ticks = useTickStore((state) => state.ticks);
  const measures = useTickStore((state) => state.measures);
  const states = useHereStore((state) => state.states);
  const follows = useFollowStore((state) => state.follows);
  useFreshHere();

  const open = (row: LibraryRow) => {
    if (row.kind === "prefix") showPlace({ ...place, prefix: row.key });
    else tickRows(client, [row], true);
  };
  const run = useObjectActions(place);
  const actions = (row: LibraryRow): GridActions => ({
    tick: () => tickRows(client, [row], !ticks.has(row.key)),
    enter: () => (ticks.size > 0 ? onGet() : open(row)),
    into: () => row.kind === "prefix" && open(row),
    up: () => {
      const parent = parentOf(place);
      if (parent) showPlace(parent);
    },
    all: () => tickRows(client, rows, true),
  });
  const onRowKey = (event: KeyboardEvent, row: LibraryRow) => {
    const act = actionOf(event);
    if (!act) return;
    event.preventDefault();
    if (isObjectAction(act)) run(row, act);
    else actions(row)[act]();
  };

  return (
    <VirtualGrid
      label={`Objects in ${place.bucket}/${place.prefix}`}
      columns={classes.columns}
      head={<Head rows={rows} />}
      rows={rows}
      isOpenEnded={hasMore}
      labelOf={(row) => {
        const isTicked = ticks.has(row.key);
        const here = hereOf(objectsOf([row]), states);
        const isFollowed = row.kind === "prefix" && followOf(follows, place, row.key) !== undefined;
        const said = { isTicked, measure: measures.get(row.key), here, isFollowed };
        return sentenceOf(row, said, formats);
      }}
      isSelected={(row) => ticks.has(row.key)}
      onRowKey={onRowKey}
      onExtend={(passed) => tickRows(client, passed, true)}
      onOpen={open}
      onRange={(start, end) => wantHere(client, place, objectsOf(rows.slice(start, end)))}
      {...(loadsAtEnd && { onEndNear: () => void loadMore(client) })}
      Cells={ObjectCells}
    />
  );
}

function objectsOf(rows: readonly LibraryRow[]): readonly ListedObject[] {
  return rows.flatMap((row) =>
    row.kind === "object" ? [{ key: row.key, etag: row.etag, sizeBytes: row.sizeBytes }] : [],
  );
}

type GridActions = Readonly<Record<Exclude<RowAction, ObjectAction>, () => void>>;
type RowAction = ObjectAction | "tick" | "enter" | "into" | "up" | "all";

const KEYS: Readonly<Record<string, RowAction>> = {
  " ": "tick",
  v: "versions",
  V: "versions",
  u: "unpack",
  U: "unpack",
  s: "follow",
  S: "follow",
  Enter: "enter",
  ArrowRight: "into",
  ArrowLeft: "up",
  Backspace: "up",
};
const CONTROL_KEYS: Readonly<Record<string, RowAction>> = {
  c: "copy",
  C: "command",
  a: "all",
};

function actionOf(event: KeyboardEvent): RowAction | undefined {
  const hasControl = event.ctrlKey || event.metaKey;
  return (hasControl ? CONTROL_KEYS : KEYS)[event.key];
}

function Head({ rows }: { readonly rows: readonly LibraryRow[] }) {
  const client = useClient();
  const ticks = useTickStore((state) => state.ticks);
  const ticked = tickedOf(rows, ticks);
  return (
    <>
      <span role="columnheader" className={classes.tick}>
        <TickBox
          label="Tick everything listed"
          isTicked={ticked === "all"}
          isPartly={ticked === "some"}
          onTick={() => tickRows(client, rows, ticked !== "all")}
        />
      </span>
      <span role="columnheader" aria-sort="ascending" className={classes.name}>
        Name <IconArrowUp size={12} aria-hidden />
      </span>
      <span role="columnheader" className={classes.size}>
        Size
      </span>
      <span role="columnheader" className={classes.date}>
        Modified
      </span>
      <span role="columnheader" className={classes.here}>
        Here
      </span>
      <span role="columnheader">
        <VisuallyHidden>Actions</VisuallyHidden>
      </span>
    </>
  );
}

function ObjectCells({ row }: { readonly row: LibraryRow }) {
  const client = useClient();
  const formats = useFormats();
  const isTicked = useTickStore((state) => state.ticks.has(row.key));
  const measure = useTickStore((state) => state.measures.get(row.key));
  const here = useHereStore(useShallow((state) => hereOf(objectsOf([row]), state.states)));
  return (
    <>
      <span role="gridcell" className={classes.tick}>
        <TickBox
          tabIndex={-1}
          label={`Tick ${row.name}`}
          isTicked={isTicked}
          onTick={(tick) => tickRows(client, [row], tick)}
        />
      </span>
      <NameCell row={row} />
      <span role="gridcell" className={`${classes.size} lh-number`}>
        {sizeWords(row, measure, formats)}
      </span>
      <span role="gridcell" className={`${classes.date} lh-number`}>
        {row.kind === "object" && formatDay(row.modifiedAtMs)}
      </span>
      <HereCell here={here} className={classes.here} />
      <span role="gridcell" className={classes.more}>
        <ObjectMenu row={row} />
      </span>
    </>
  );
}

function NameCell({ row }: { readonly row: LibraryRow }) {
  const place = useScreenStore((state) => state.place);
  const showPlace = useScreenStore((state) => state.showPlace);
  const Symbol = row.kind === "prefix" ? IconFolder : IconFile;
  return (
    <span role="gridcell" className={classes.name}>
      <Symbol size={16} stroke={1.6} aria-hidden />
      {row.kind === "object" && (
        <span className="lh-cut" title={row.name}>
          {row.name}
        </span>
      )}
      {row.kind === "prefix" && (
        <button
          type="button"
          tabIndex={-1}
          className={`${classes.open} lh-cut`}
          title={row.name}
          onClick={() => place && showPlace({ ...place, prefix: row.key })}
        >
          {row.name}
        </button>
      )}
      {row.kind === "prefix" && <FollowSign prefix={row.key} />}
    </span>
  );
}
