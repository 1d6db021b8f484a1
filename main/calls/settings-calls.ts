import type { CallHandlers } from "#shared/contract.ts";
import type { ProxySetting } from "#shared/network.ts";
import type { SettingsBook } from "../profiles/settings-book.ts";
import type { PaceKeeper } from "./pace-keeper.ts";

type SettingsCalls = Pick<
  CallHandlers,
  Extract<keyof CallHandlers, `settings.${string}` | `limit.${string}`>
>;

/** @throws {LonghaulError} `path-denied`, `path-missing` for a file that this caller may not name. */
export type MayRead = (path: string) => Promise<void>;

/** The calls about settings; a change holds at once. */
export function settingsCalls(
  {
    settings,
    keepProxyPassword,
    mayRead,
  }: {
    readonly settings: SettingsBook;
    readonly keepProxyPassword: (password: string | null) => Promise<void>;
    readonly mayRead: MayRead;
  },
  pace: Pick<PaceKeeper, "now" | "override">,
): SettingsCalls {
  return {
    "settings.get": async () => settings.get(),
    "settings.set": async (change) => {
      const caFile = change.network?.caFile ?? null;
      const before = settings.get().network;
      if (caFile !== null && caFile !== before.caFile) await mayRead(caFile);
      const proxy = change.network?.proxy ?? before.proxy;
      // First: a crash in between leaves a proxy without a password, never one with another's.
      if (isOtherProxy(before.proxy, proxy)) await keepProxyPassword(null);
      settings.set(change);
      return null;
    },
    "settings.proxyPassword": async ({ password }) => {
      await keepProxyPassword(password);
      return null;
    },
    "limit.set": async (limits) => {
      settings.set({ limits });
      return null;
    },
    "limit.now": async () => pace.now(),
    "limit.override": async ({ mode }) => {
      pace.override(mode);
      return null;
    },
  };
}

/** The kept password is for one server and one user name: no slip sends it to another. */
function isOtherProxy(before: ProxySetting, after: ProxySetting): boolean {
  if (before.kind !== "manual") return false;
  if (after.kind !== "manual") return true;
  return after.url !== before.url || after.userName !== before.userName;
}
