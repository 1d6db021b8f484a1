import type { CacheWorkState } from "#shared/cache.ts";
import type { Client } from "#shared/client.ts";
import type { HostEvent } from "#shared/contract.ts";
import type { Profile } from "#shared/profile.ts";
import type { Host } from "../host/host.ts";
import { resultWords } from "../cache/work-words.ts";
import { createFormats } from "../common/use-formats.ts";
import { announceChanges } from "../transfers/announcement.ts";
import { announce } from "./live-store.ts";
import { loadBuckets } from "./bucket-store.ts";
import { useProfileStore } from "./profile-store.ts";
import { useSettingsStore } from "./settings-store.ts";
import { useStatusStore } from "./status-store.ts";
import { useWorkStore } from "./work-store.ts";
import { mergeTransfers, replaceTransfers, useTransferStore } from "./transfer-store.ts";

/** Keeps the stores equal to what the host says, over lost connections. Returns the way to stop. */
export function followHost(host: Host): () => void {
  const stopEvents = host.client.onEvent(take);
  let wasOpen = false;
  const look = () => {
    const isOpen = host.connection.get().phase === "open";
    if (isOpen && !wasOpen) void loadAll(host);
    wasOpen = isOpen;
  };
  const stopLooking = host.connection.subscribe(look);
  look();
  return () => {
    stopEvents();
    stopLooking();
  };
}

/** A snapshot that comes after an event is newer than it, because the host answers in order. */
async function loadAll({ client }: Host): Promise<void> {
  try {
    const [host, transfers, profiles, settings, pace] = await Promise.all([
      client.call("host.info", null),
      client.call("transfer.list", null),
      client.call("profile.list", null),
      client.call("settings.get", null),
      client.call("limit.now", null),
    ]);
    useStatusStore.setState({ host, pace });
    replaceTransfers(transfers);
    useProfileStore.setState({ profiles });
    useSettingsStore.setState({ settings });
    await Promise.all([
      loadSpace(client, settings.downloadFolder),
      loadWork(client),
      ...profiles.map(({ profile }) => loadPractice(client, profile)),
    ]);
  } catch {
    // The line was lost again; the bar says so, and its return asks again.
  }
}

/** Known at once; later the status brings it. */
async function loadSpace(client: Client, path: string): Promise<void> {
  const { freeBytes } = await client.call("folder.space", { folder: { path } });
  useStatusStore.setState({ freeBytes });
}

/** Its buckets are on this machine: showing them costs nobody a request. */
async function loadPractice(client: Client, profile: Profile): Promise<void> {
  if (profile.preset === "practice") await loadBuckets(client, profile);
}

async function loadWork(client: Client): Promise<void> {
  useWorkStore.setState(await client.call("cache.work", null));
}

/** What there is to say of work that ended with this. */
function endedWords(before: CacheWorkState, { now, last }: CacheWorkState): readonly string[] {
  if (!before.now || now || !last) return [];
  const { sizeUnits, rateUnits } = useSettingsStore.getState().settings;
  return [resultWords(last, createFormats(sizeUnits, rateUnits))];
}

/** In one go: of several announcements at once a reader would hear only the last. */
function tell(texts: readonly string[]): void {
  if (texts.length > 0) announce(texts.join(" "));
}

function take(event: HostEvent): void {
  switch (event.type) {
    case "transfers":
      tell(announceChanges(useTransferStore.getState().byId, event.changed));
      mergeTransfers(event.changed, event.removed);
      break;
    case "profiles":
      useProfileStore.setState({ profiles: event.profiles });
      break;
    case "settings":
      useSettingsStore.setState({ settings: event.settings });
      break;
    case "pace":
      useStatusStore.setState({ pace: event.pace });
      break;
    case "status":
      useStatusStore.setState({
        downBytesPerSecond: event.downBytesPerSecond,
        upBytesPerSecond: event.upBytesPerSecond,
        freeBytes: event.freeBytes,
        homeTrouble: event.homeTrouble,
      });
      break;
    case "cache":
      tell(endedWords(useWorkStore.getState(), event.work));
      useWorkStore.setState(event.work);
      break;
    case "items":
      // Pages of items listen for themselves, as those of the cache do, while one is on screen.
      break;
  }
}
