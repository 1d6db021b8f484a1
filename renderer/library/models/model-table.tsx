import type { KeyboardEvent } from "react";
import { useMemo } from "react";
import { useShallow } from "zustand/react/shallow";
import { ActionIcon, VisuallyHidden } from "@mantine/core";
import {
  IconAlertTriangle,
  IconChevronRight,
  IconCopy,
  IconDots,
  IconFolder,
  IconInfoCircle,
  IconRepeat,
  IconTerminal2,
} from "@tabler/icons-react";
import type { ModelFile } from "#shared/library-models.ts";
import type { Destination } from "#shared/settings.ts";
import { formatDay } from "../../common/format-date.ts";
import { MenuButton } from "../../common/menu-button.tsx";
import { TickBox } from "../../common/tick-box.tsx";
import { useFormats } from "../../common/use-formats.ts";
import { VirtualGrid } from "../../common/virtual-grid.tsx";
import { useClient } from "../../host/host.ts";
import { followOf, FollowSign } from "../../follows/follow-sign.tsx";
import { useFollowStore } from "../../follows/follow-store.ts";
import { useScreenStore } from "../../state/screen-store.ts";
import { HereCell } from "../here-cell.tsx";
import { useFreshHere, useHereStore, wantHere } from "../here-store.ts";
import { changeTicks, useTickStore } from "../tick-store.ts";
import { useFacts, useFactsStore, wantFacts } from "./facts-store.ts";
import { hereOfRow } from "./model-here.ts";
import type { ModelRow } from "./model-rows.ts";
import { canFollow, describedOf, variantId } from "./model-rows.ts";
import { modelSentence } from "./model-sentence.ts";
import { tickedOfRow, tickRow, toListed } from "./model-ticks.ts";
import type { Ticked } from "./model-ticks.ts";
import { aboutWords, modelFiles, modelName, modelWay, modifiedOf, sizeOf } from "./model-words.ts";
import { soleVariantWords, variantName, variantWords } from "./model-words.ts";
import { lookFurther, openModel, useModelsStore } from "./models-store.ts";
import { useModelActions } from "./use-model-actions.ts";
import type { ModelAction } from "./use-model-actions.ts";
import classes from "./model-table.module.css";

type ModelTableProps = {
  readonly place: Destination;
  readonly rows: readonly ModelRow[];
  readonly hasMore: boolean;
  /** Not while a filter hides rows: the end would always be near. */
  readonly loadsAtEnd: boolean;
  readonly onGet: () => void;
};

/** Models of a place, each with its variants; what their heads say is read for those on screen. */
export function ModelTable({ place, rows, hasMore, loadsAtEnd, onGet }: ModelTableProps) {
  const client = useClient();
  const formats = useFormats();
  const ticks = useTickStore((state) => state.ticks);
  const known = useFactsStore((state) => state.known);
  const states = useHereStore((state) => state.states);
  const follows = useFollowStore((state) => state.follows);
  const act = useModelActions();
  useFreshHere();

  const onRowKey = (event: KeyboardEvent, row: ModelRow) => {
    const action = actionOf(event);
    if (!action) return;
    event.preventDefault();
    if (action === "all") changeTicks(client, (now) => tickAll(rows, true, now));
    else if (action === "enter" && ticks.size > 0) onGet();
    else act(row, action === "enter" ? "detail" : action);
  };
  const factsOf = (row: ModelRow) => {
    const variant = describedOf(row);
    return variant && known.get(variantId(row.model, variant))?.facts;
  };
  return (
    <VirtualGrid
      label={`Models in ${place.bucket}/${place.prefix}`}
      columns={classes.columns}
      head={<Head rows={rows} />}
      rows={rows}
      isOpenEnded={hasMore}
      labelOf={(row) =>
        modelSentence(row, {
          bucket: place.bucket,
          facts: factsOf(row),
          ticked: tickedOfRow(row, ticks),
          here: hereOfRow(row, states),
          isFollowed: canFollow(row) && followOf(follows, place, row.model.prefix) !== undefined,
          formats,
        })
      }
      isSelected={(row) => tickedOfRow(row, ticks) === "all"}
      onRowKey={onRowKey}
      onExtend={(passed) => changeTicks(client, (now) => tickAll(passed, true, now))}
      onOpen={(row) => act(row, "detail")}
      onRange={(start, end) => {
        const shown = rows.slice(start, end);
        wantFacts(client, shown.flatMap(toDescribe));
        wantHere(client, place, shown.flatMap(ownFilesOf).map(toListed));
      }}
      {...(loadsAtEnd && { onEndNear: () => void lookFurther(client) })}
      Cells={ModelCells}
    />
  );
}

function toDescribe(row: ModelRow) {
  const variant = describedOf(row);
  return variant ? [{ model: row.model, variant }] : [];
}

/** Without what the variants of a model share. */
function ownFilesOf({ model, variant, isChild }: ModelRow): readonly ModelFile[] {
  return isChild && variant ? variant.files : modelFiles(model);
}

type RowKey = ModelAction | "enter" | "all";

const KEYS: Readonly<Record<string, RowKey>> = {
  " ": "tick",
  d: "detail",
  D: "detail",
  s: "follow",
  S: "follow",
  Enter: "enter",
  ArrowRight: "into",
  ArrowLeft: "out",
  Backspace: "out",
};
const CONTROL_KEYS: Readonly<Record<string, RowKey>> = { c: "copy", C: "command", a: "all" };

function actionOf(event: KeyboardEvent): RowKey | undefined {
  const hasControl = event.ctrlKey || event.metaKey;
  return (hasControl ? CONTROL_KEYS : KEYS)[event.key];
}

function tickAll(
  rows: readonly ModelRow[],
  isTicked: boolean,
  ticks: Parameters<typeof tickRow>[2],
): Parameters<typeof tickRow>[2] {
  return rows.reduce((now, row) => tickRow(row, isTicked, now), ticks);
}

function tickedOfAll(rows: readonly ModelRow[], ticks: Parameters<typeof tickRow>[2]): Ticked {
  if (rows.length === 0 || ticks.size === 0) return "none";
  const states = new Set(rows.map((row) => tickedOfRow(row, ticks)));
  const [only, ...others] = states;
  return only !== undefined && others.length === 0 ? only : "some";
}

function Head({ rows }: { readonly rows: readonly ModelRow[] }) {
  const client = useClient();
  const ticks = useTickStore((state) => state.ticks);
  const ticked = useMemo(() => tickedOfAll(rows, ticks), [rows, ticks]);
  return (
    <>
      <span role="columnheader" className={classes.tick}>
        <TickBox
          label="Tick all models found"
          isTicked={ticked === "all"}
          isPartly={ticked === "some"}
          onTick={() => changeTicks(client, (now) => tickAll(rows, ticked !== "all", now))}
        />
      </span>
      <span role="columnheader">Name</span>
      <span role="columnheader" className={classes.format}>
        Format
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

function ModelCells({ row }: { readonly row: ModelRow }) {
  const formats = useFormats();
  const act = useModelActions();
  const ticked = useTickStore((state) => tickedOfRow(row, state.ticks));
  const known = useFacts(row.model, describedOf(row));
  const bucket = useScreenStore((state) => state.place?.bucket ?? "");
  const { model, variant } = row;
  const name = nameOf(row, bucket, known?.facts);
  const files = ownFilesOf(row);
  const here = useHereStore(useShallow((state) => hereOfRow(row, state.states)));
  return (
    <>
      <span role="gridcell" className={classes.tick}>
        <TickBox
          tabIndex={-1}
          label={`Tick ${name}`}
          isTicked={ticked === "all"}
          isPartly={ticked === "some"}
          onTick={() => act(row, "tick")}
        />
      </span>
      <NameCell row={row} name={name} />
      <span role="gridcell" className={`${classes.format} lh-cut`}>
        {formatWords(row, known?.facts, files.length)}
      </span>
      <span role="gridcell" className={`${classes.size} lh-number`}>
        {variant && `${model.isCut ? "over " : ""}${formats.bytes(sizeOf(files))}`}
      </span>
      <span role="gridcell" className={`${classes.date} lh-number`}>
        {variant && formatDay(modifiedOf(files))}
      </span>
      <HereCell here={here} className={classes.here} />
      <span role="gridcell" className={classes.more}>
        <RowMenu row={row} name={name} />
      </span>
    </>
  );
}

type Facts = Parameters<typeof variantName>[1];

function nameOf({ model, variant, isChild }: ModelRow, bucket: string, facts: Facts): string {
  return isChild && variant ? variantName(variant, facts) : modelName(model, bucket);
}

function formatWords({ model, variant, isChild }: ModelRow, facts: Facts, count: number): string {
  if (!variant) return `${model.variants.length} variants`;
  return isChild ? variantWords(variant) : soleVariantWords(variant, facts, count);
}

function NameCell({ row, name }: { readonly row: ModelRow; readonly name: string }) {
  const act = useModelActions();
  const known = useFacts(row.model, describedOf(row));
  const top = useScreenStore((state) => state.place?.prefix ?? "");
  const { model, variant, isChild } = row;
  const way = isChild ? "" : modelWay(model, top);
  const isOff = known?.facts?.isAsNamed === false;
  return (
    <span role="gridcell" className={classes.name} data-child={isChild || undefined}>
      {variant === null && <Chevron prefix={model.prefix} name={name} />}
      <button
        type="button"
        tabIndex={-1}
        className={`${isChild ? classes.tag : classes.title} lh-cut`}
        title={model.prefix}
        onClick={() => act(row, "detail")}
      >
        {name}
      </button>
      {canFollow(row) && <FollowSign prefix={model.prefix} />}
      {!isChild && <span className={`${classes.about} lh-cut`}>{aboutWords(known?.facts)}</span>}
      {way !== "" && <span className={`${classes.way} lh-cut`}>in {way}</span>}
      {isOff && (
        <IconAlertTriangle
          size={14}
          className={classes.off}
          aria-label="Its first bytes are not those of such a file"
        />
      )}
    </span>
  );
}

function Chevron({ prefix, name }: { readonly prefix: string; readonly name: string }) {
  const isOpen = useModelsStore((state) => state.opened.has(prefix));
  return (
    <button
      type="button"
      tabIndex={-1}
      className={classes.chevron}
      data-open={isOpen || undefined}
      aria-label={`${isOpen ? "Hide" : "Show"} the variants of ${name}`}
      onClick={() => openModel(prefix, !isOpen)}
    >
      <IconChevronRight size={14} aria-hidden />
    </button>
  );
}

function RowMenu({ row, name }: { readonly row: ModelRow; readonly name: string }) {
  const act = useModelActions();
  const sync = { label: "Keep in sync…", icon: IconRepeat, keys: "S", action: "follow" } as const;
  const entries = [
    { label: "Details", icon: IconInfoCircle, keys: "D", action: "detail" },
    ...(canFollow(row) ? [sync] : []),
    { label: "Show the files", icon: IconFolder, action: "files" },
    { label: "Copy address", icon: IconCopy, keys: "Ctrl C", action: "copy" },
    { label: "Copy as command", icon: IconTerminal2, keys: "Ctrl Shift C", action: "command" },
  ] as const;
  return (
    <MenuButton
      label={`More for ${name}`}
      entries={entries.map(({ action, ...entry }) => ({
        kind: "item",
        ...entry,
        onPick: () => act(row, action),
      }))}
    >
      <ActionIcon tabIndex={-1} aria-label={`More for ${name}`}>
        <IconDots size={16} aria-hidden />
      </ActionIcon>
    </MenuButton>
  );
}
