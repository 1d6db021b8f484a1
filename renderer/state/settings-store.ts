import { create } from "zustand";
import { DEFAULT_NETWORK } from "#shared/network.ts";
import type { Settings } from "#shared/settings.ts";

/** As the host keeps them. Changed by `settings.set` alone; the host's event brings the change here. */
export const useSettingsStore = create<{ readonly settings: Settings }>(() => ({
  // What is shown until the host has answered.
  settings: {
    theme: "system",
    density: "comfortable",
    textSizePercent: 100,
    sizeUnits: "decimal",
    rateUnits: "bytes",
    reduceMotion: false,
    downloadFolder: "",
    maxUploads: 3,
    maxDownloads: 3,
    limits: { downBytesPerSecond: null, upBytesPerSecond: null },
    week: null,
    paceOverride: null,
    recentDestinations: [],
    recentFolders: [],
    network: DEFAULT_NETWORK,
    detailWidth: 364,
    libraryView: "files",
  },
}));

export function useSettings(): Settings {
  return useSettingsStore((state) => state.settings);
}
