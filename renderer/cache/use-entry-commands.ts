import { useMemo } from "react";
import type { CacheEntry } from "#shared/cache.ts";
import type { Client } from "#shared/client.ts";
import { toErrorInfo } from "#shared/errors.ts";
import { copyText } from "../common/copy-text.ts";
import { useClient } from "../host/host.ts";
import { notifyTrouble } from "../host/use-act.ts";
import { useNoticeStore } from "../state/notice-store.ts";
import { useStatusStore } from "../state/status-store.ts";
import { cacheCommand } from "./cache-command.ts";
import { lookAt } from "./cache-store.ts";
import type { EntryCommand } from "./entry-commands.ts";
import { affectedBy, pinCommand } from "./entry-commands.ts";
import { addressOf, idOf } from "./entry-words.ts";
import { entriesText } from "./work-words.ts";

type Entries = readonly CacheEntry[];
export type RunEntryCommand = (command: EntryCommand, entries: Entries) => void;

/** Does a command to those of the entries that it can be done to. */
export function useEntryCommands(): RunEntryCommand {
  const client = useClient();
  return useMemo(() => {
    const does = commandsOf(client);
    return (command, entries) => {
      const affected = affectedBy(command, entries);
      if (affected.length > 0) does[command](affected);
      else useNoticeStore.getState().notify(NOTHING_TO_DO[command] ?? NOT_FOR_THESE, "warn");
    };
  }, [client]);
}

const NOT_FOR_THESE = "There is nothing to do for what is ticked.";

const NOTHING_TO_DO: Partial<Record<EntryCommand, string>> = {
  show: "There is no file to show: it is missing.",
  verify: "There is no file to verify: it is missing.",
  repair: "Nothing there is known to be damaged. Verify reads it and says so.",
  forget:
    "Longhaul's own copies are not forgotten while they are whole. “Free up space” deletes them.",
};

function commandsOf(client: Client): Readonly<Record<EntryCommand, (entries: Entries) => void>> {
  const pin = (isPinned: boolean) => (entries: Entries) => {
    client
      .call("cache.pin", { ids: entries.map(idOf), isPinned })
      .then(() => say(`${isPinned ? "Pinned" : "Unpinned"}: ${namesOf(entries)}.`), notifyTrouble);
  };
  return {
    pin: pin(true),
    unpin: pin(false),
    verify: (entries) => startWork(client, "cache.verify", entries),
    repair: (entries) => startWork(client, "cache.repair", entries),
    forget: (forgetting) => lookAt({ forgetting }),
    show: (entries) => {
      if (!useStatusStore.getState().host?.canShowInFolder) return;
      // One window of the system for each would bury the screen.
      const [first] = entries;
      if (first) client.call("host.showCopy", { path: first.path }).catch(notifyTrouble);
    },
    "copy-address": (entries) => copyText([...new Set(entries.map(addressOf))].join("\n")),
    "copy-pin": (entries) => copyText(cacheCommand(pinCommand(entries), entries)),
    "copy-verify": (entries) => copyText(cacheCommand("verify", entries)),
    "copy-repair": (entries) => copyText(cacheCommand("repair", entries)),
    "copy-forget": (entries) => copyText(cacheCommand("forget", entries)),
  };
}

/** Null is all of them. */
export function startWork(
  client: Client,
  name: "cache.verify" | "cache.repair",
  entries: Entries | null,
): void {
  client.call(name, { ids: entries && entries.map(idOf) }).catch((thrown: unknown) => {
    // The words of this code are about files that are in the way.
    if (toErrorInfo(thrown).code === "conflict") {
      say("Other work on the cache is under way. Stop it, or wait until it ends.", "warn");
    } else notifyTrouble(thrown);
  });
}

function say(text: string, tone: "plain" | "warn" = "plain"): void {
  useNoticeStore.getState().notify(text, tone);
}

function namesOf(entries: Entries): string {
  const [only] = entries;
  return entries.length === 1 && only ? only.key : entriesText(entries.length);
}
