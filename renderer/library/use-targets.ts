import { useMemo } from "react";
import { useSettings } from "../state/settings-store.ts";
import { targetChoices, useTargetStore } from "./target-folder.ts";

/** Where what is got can go, the folder in use first. Kept the same while nothing changed, because asking for its free space depends on it. */
export function useTargets() {
  const { downloadFolder, recentFolders } = useSettings();
  const chosen = useTargetStore((state) => state.chosen);
  return useMemo(
    () => targetChoices(chosen, downloadFolder, recentFolders),
    [chosen, downloadFolder, recentFolders],
  );
}
