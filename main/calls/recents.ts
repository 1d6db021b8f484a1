import type { CallHandlers } from "#shared/contract.ts";
import type { ProfileId } from "#shared/profile.ts";
import type { Destination } from "#shared/settings.ts";
import type { Resolve } from "./to-spec.ts";
import type { SettingsBook } from "../profiles/settings-book.ts";

/** As many as the settings keep. */
const MAX_RECENTS = 8;

type StartCalls = Pick<CallHandlers, "transfer.upload" | "transfer.drop" | "transfer.download">;

export type RecentPorts = {
  readonly settings: Pick<SettingsBook, "get" | "set">;
  readonly resolve: Resolve;
  /** Whether the profile stays: one that a command lent is gone with it. */
  readonly isKept: (id: ProfileId) => boolean;
  /** A place could not be kept; the transfer is started all the same. */
  readonly onTrouble: (error: unknown) => void;
};

/** The calls that start transfers, remembering where to: the next sheet offers it first. */
export function rememberPlaces(
  calls: StartCalls,
  { settings, resolve, isKept, onTrouble }: RecentPorts,
): StartCalls {
  const keep = (change: Parameters<SettingsBook["set"]>[0]) => {
    try {
      settings.set(change);
    } catch (error) {
      onTrouble(error);
    }
  };
  const remember = (destination: Destination) => {
    if (!isKept(destination.profileId)) return;
    const { recentDestinations } = settings.get();
    keep({ recentDestinations: recentFirst(recentDestinations, destination) });
  };
  return {
    "transfer.upload": async (request) => {
      const started = await calls["transfer.upload"](request);
      remember(request.destination);
      return started;
    },
    "transfer.drop": async (request) => {
      const started = await calls["transfer.drop"](request);
      remember(request.destination);
      return started;
    },
    "transfer.download": async (request) => {
      const started = await calls["transfer.download"](request);
      if (!isKept(request.profileId)) return started;
      const folder = await resolve(request.folder, "write");
      const { recentFolders } = settings.get();
      keep({ recentFolders: recentFirst(recentFolders, folder) });
      return started;
    },
  };
}

/** The newest first, each once. */
export function recentFirst<T>(recents: readonly T[], newest: T): T[] {
  const name = JSON.stringify(newest);
  const others = recents.filter((one) => JSON.stringify(one) !== name);
  return [newest, ...others].slice(0, MAX_RECENTS);
}
