import { create } from "zustand";
import type { Destination } from "#shared/settings.ts";
import type { ProfileId } from "#shared/profile.ts";

export type ScreenName = "transfers" | "library" | "cache" | "settings";
export type SettingsPage = "profiles" | "bandwidth" | "network" | "storage" | "appearance" | "help";
export type UploadKind = "files" | "folder";

/** Where the person is. Kept out of the screens, so that a place outlives a change of screen. */
type Screen = {
  readonly screen: ScreenName;
  readonly settingsPage: SettingsPage;
  /** The profile that the editor holds, `new` for one to be made, null for none. */
  readonly editedProfile: ProfileId | "new" | null;
  /** What the Library shows; null before a bucket was chosen. An empty bucket: the profile's list. */
  readonly place: Destination | null;
  /** Wanted from "New": the drop layer shows what chooses files and clears it. */
  readonly wantedUpload: UploadKind | null;
  readonly shortcutsOpen: boolean;
  readonly limitOpen: boolean;

  readonly show: (screen: ScreenName) => void;
  readonly showSettings: (page: SettingsPage) => void;
  readonly editProfile: (id: ProfileId | "new" | null) => void;
  readonly showPlace: (place: Destination) => void;
  readonly wantUpload: (kind: UploadKind | null) => void;
  readonly openShortcuts: (open: boolean) => void;
  readonly openLimit: (open: boolean) => void;
};

export const useScreenStore = create<Screen>((set) => ({
  screen: "transfers",
  settingsPage: "profiles",
  editedProfile: null,
  place: null,
  wantedUpload: null,
  shortcutsOpen: false,
  limitOpen: false,

  show: (screen) => set({ screen }),
  showSettings: (settingsPage) => set({ screen: "settings", settingsPage }),
  editProfile: (editedProfile) =>
    set({ screen: "settings", settingsPage: "profiles", editedProfile }),
  showPlace: (place) => set({ screen: "library", place }),
  wantUpload: (wantedUpload) => set({ wantedUpload }),
  openShortcuts: (shortcutsOpen) => set({ shortcutsOpen }),
  openLimit: (limitOpen) => set({ limitOpen }),
}));
