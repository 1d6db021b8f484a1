import type { CallHandlers } from "#shared/contract.ts";
import type { Destination } from "#shared/settings.ts";
import type { Resolve } from "./to-spec.ts";
import type { SettingsBook } from "../profiles/settings-book.ts";

/** As many as the settings keep. */
const MAX_RECENTS = 8;

type StartCalls = Pick<CallHandlers, "transfer.upload" | "transfer.drop" | "transfer.download">;

/**
 * The calls that start transfers, remembering where to: the next sheet offers it first. A place that
 * cannot be kept goes to `onTrouble`: the transfer is started all the same.
 */
export function rememberPlaces(
  calls: StartCalls,
  settings: Pick<SettingsBook, "get" | "set">,
  resolve: Resolve,
  onTrouble: (error: unknown) => void,
): StartCalls {
  const keep = (change: Parameters<SettingsBook["set"]>[0]) => {
    try {
      settings.set(change);
    } catch (error) {
      onTrouble(error);
    }
  };
  const remember = (destination: Destination) => {
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
