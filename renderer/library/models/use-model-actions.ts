import { copyText } from "../../common/copy-text.ts";
import { useClient } from "../../host/host.ts";
import { useAct } from "../../host/use-act.ts";
import { findProfile, useProfileStore } from "../../state/profile-store.ts";
import { useScreenStore } from "../../state/screen-store.ts";
import { useSettingsStore } from "../../state/settings-store.ts";
import { useStatusStore } from "../../state/status-store.ts";
import { parentOf } from "../library-place.ts";
import { targetChoices, useTargetStore } from "../target-folder.ts";
import { changeTicks } from "../tick-store.ts";
import { addressOfRow, commandOfRow } from "./model-command.ts";
import type { ModelRow } from "./model-rows.ts";
import { rowId } from "./model-rows.ts";
import { tickedOfRow, tickRow } from "./model-ticks.ts";
import { openModel, showModelDetail, useModelsStore } from "./models-store.ts";

export type ModelAction = "tick" | "detail" | "into" | "out" | "copy" | "command" | "files";

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
      command: () => copyText(commandOf(row)),
      files: () => {
        act("settings.set", { libraryView: "files" });
        const { place, showPlace } = useScreenStore.getState();
        if (place) showPlace({ ...place, prefix: row.model.prefix });
      },
    };
    does[action]();
  };
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

function commandOf(row: ModelRow): string {
  const { place } = useScreenStore.getState();
  const { downloadFolder, recentFolders } = useSettingsStore.getState().settings;
  const { chosen } = useTargetStore.getState();
  const [target] = targetChoices(chosen, downloadFolder, recentFolders);
  const profile = place && findProfile(useProfileStore.getState().profiles, place.profileId);
  return commandOfRow(row, {
    bucket: bucket(),
    profileName: profile?.profile.name ?? "",
    folder: target?.path ?? ".",
    separator: useStatusStore.getState().host?.pathSeparator ?? "/",
  });
}
