import { copyText } from "../../common/copy-text.ts";
import { useClient } from "../../host/host.ts";
import { useAct } from "../../host/use-act.ts";
import { useScreenStore } from "../../state/screen-store.ts";
import { commandWhere } from "../command-where.ts";
import { parentOf } from "../library-place.ts";
import { changeTicks } from "../tick-store.ts";
import { addressOfRow, commandOfRow } from "./model-command.ts";
import type { ModelRow } from "./model-rows.ts";
import { rowId } from "./model-rows.ts";
import { canFollow } from "./model-rows.ts";
import { tickedOfRow, tickRow } from "./model-ticks.ts";
import { askLibrary } from "../library-ask-store.ts";
import { openModel, showModelDetail, useModelsStore } from "./models-store.ts";

export type ModelAction =
  | "tick"
  | "detail"
  | "into"
  | "out"
  | "copy"
  | "command"
  | "files"
  | "follow";

/** What can be done to a row, by its name. Everything is read when it is done: rows are many. */
export function useModelActions(): (row: ModelRow, action: ModelAction) => void {
  const client = useClient();
  const act = useAct();
  return (row, action) => {
    const does: Readonly<Record<ModelAction, () => void>> = {
      tick: () =>
        changeTicks(client, (ticks) => tickRow(row, tickedOfRow(row, ticks) !== "all", ticks)),
      detail: () => showModelDetail(rowId(row)),
      into: () => goInto(row),
      out: () => goOut(row),
      copy: () => copyText(addressOfRow(row, bucket())),
      command: () => copyText(commandOfRow(row, commandWhere())),
      follow: () => follow(row),
      files: () => {
        act("settings.set", { libraryView: "files" });
        const { place, showPlace } = useScreenStore.getState();
        if (place) showPlace({ ...place, prefix: row.model.prefix });
      },
    };
    does[action]();
  };
}

function follow(row: ModelRow): void {
  const { place } = useScreenStore.getState();
  if (!place || !canFollow(row)) return;
  askLibrary({ kind: "follow", place: { ...place, prefix: row.model.prefix } });
}

function bucket(): string {
  return useScreenStore.getState().place?.bucket ?? "";
}

function goInto(row: ModelRow): void {
  if (row.variant === null) openModel(row.model.prefix, true);
  else showModelDetail(rowId(row));
}

/** Closes an open model; else goes one level up. */
function goOut({ model: { prefix } }: ModelRow): void {
  if (useModelsStore.getState().opened.has(prefix)) return openModel(prefix, false);
  const { place, showPlace } = useScreenStore.getState();
  const parent = place && parentOf(place);
  if (parent) showPlace(parent);
}
