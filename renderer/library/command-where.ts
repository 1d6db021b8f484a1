import { findProfile, useProfileStore } from "../state/profile-store.ts";
import { useScreenStore } from "../state/screen-store.ts";
import { useSettingsStore } from "../state/settings-store.ts";
import { useStatusStore } from "../state/status-store.ts";
import { targetChoices, useTargetStore } from "./target-folder.ts";

export type CommandWhere = {
  readonly bucket: string;
  readonly profileName: string;
  /** The folder that Get puts it into. */
  readonly folder: string;
  readonly separator: string;
};

/** What a copied command of the Library needs beside the row, as it is now. */
export function commandWhere(): CommandWhere {
  const { place } = useScreenStore.getState();
  const { downloadFolder, recentFolders } = useSettingsStore.getState().settings;
  const { chosen } = useTargetStore.getState();
  const [target] = targetChoices(chosen, downloadFolder, recentFolders);
  const profile = place && findProfile(useProfileStore.getState().profiles, place.profileId);
  return {
    bucket: place?.bucket ?? "",
    profileName: profile?.profile.name ?? "",
    folder: target?.path ?? ".",
    separator: useStatusStore.getState().host?.pathSeparator ?? "/",
  };
}
