import type { CallHandlers } from "#shared/contract.ts";
import type { SettingsBook } from "../profiles/settings-book.ts";

type SettingsCalls = Pick<CallHandlers, "settings.get" | "settings.set" | "limit.set">;

/** The calls about settings; a change holds at once. */
export function settingsCalls(settings: SettingsBook): SettingsCalls {
  return {
    "settings.get": async () => settings.get(),
    "settings.set": async (change) => {
      settings.set(change);
      return null;
    },
    "limit.set": async (limits) => {
      settings.set({ limits });
      return null;
    },
  };
}
