import type { CallHandlers } from "#shared/contract.ts";
import type { Destination } from "#shared/settings.ts";
import type { Resolve } from "./to-spec.ts";
import type { SettingsBook } from "../profiles/settings-book.ts";

/** As many as the settings keep. */
const MAX_RECENTS = 8;

type StartCalls = Pick<CallHandlers, "transfer.upload" | "transfer.drop" | "transfer.download">;

/** The calls that start transfers, remembering where to: the next sheet offers it first. */
export function rememberPlaces(
  calls: StartCalls,
  settings: Pick<SettingsBook, "get" | "set">,
  resolve: Resolve,
): StartCalls {
  const remember = (destination: Destination) => {
    const { recentDestinations } = settings.get();
    settings.set({ recentDestinations: recentFirst(recentDestinations, destination) });
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
      settings.set({ recentFolders: recentFirst(recentFolders, folder) });
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
