import { Button } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import type { CacheFolder } from "#shared/cache.ts";
import type { Client } from "#shared/client.ts";
import { EmptyState } from "../common/empty-state.tsx";
import { TroubleNote } from "../common/trouble-note.tsx";
import type { Asked } from "../common/use-asked.ts";
import { useClient } from "../host/host.ts";
import { notifyTrouble } from "../host/use-act.ts";
import { useNoticeStore } from "../state/notice-store.ts";
import { useScreenStore } from "../state/screen-store.ts";
import { lookAt, tickEntries, TICKS_MOST, useCacheStore } from "./cache-store.ts";
import { EntryList } from "./entry-list.tsx";
import { FilterChips } from "./filter-chips.tsx";
import { FolderList } from "./folder-list.tsx";
import { TickBar } from "./tick-bar.tsx";
import { useCounts } from "./use-counts.ts";
import { PAGE_ENTRIES, useEntries } from "./use-entries.ts";
import type { RunEntryCommand } from "./use-entry-commands.ts";
import { useEntryCommands } from "./use-entry-commands.ts";

/** Typing asks the engine once it rests. */
const TYPING_MS = 150;

/** The folders with what fills them, and below them every entry. */
export function EntriesView({ folders }: { readonly folders: Asked<CacheFolder[]> }) {
  const [query] = useDebouncedValue(
    useCacheStore((state) => state.text.trim()),
    TYPING_MS,
  );
  const { value: counts } = useCounts(query);
  const run = useEntryCommands();
  const isNothing = query === "" && counts?.get("all")?.total === 0;
  return (
    <>
      {folders.value && <FolderList folders={folders.value} />}
      {folders.error && !folders.value && <TroubleNote error={folders.error} />}
      {!isNothing && <FilterChips counts={counts} />}
      <Listing query={query} isNothing={isNothing} run={run} />
      <TickBar run={run} />
    </>
  );
}

type ListingProps = {
  readonly query: string;
  /** There are no entries at all, whatever is asked for. */
  readonly isNothing: boolean;
  readonly run: RunEntryCommand;
};

/** The entries, or why there are none. */
function Listing({ query, isNothing, run }: ListingProps) {
  const client = useClient();
  const list = useEntries(query);
  const { total, error } = list.pages;
  if (error && total === null) {
    return (
      <TroubleNote error={error}>
        <Button onClick={list.refresh}>Try again</Button>
      </TroubleNote>
    );
  }
  if (total === 0) return isNothing ? <Nothing /> : <NoMatch query={query} />;
  return (
    <EntryList
      list={list}
      run={run}
      onTickAll={(isTicked) => {
        if (isTicked) void tickAll(client, query);
        else lookAt({ ticked: new Map() });
      }}
    />
  );
}

/** As many of those listed as can be ticked. */
async function tickAll(client: Client, query: string): Promise<void> {
  const { filter, sort, order } = useCacheStore.getState();
  try {
    for (let offset = 0; offset < TICKS_MOST; offset += PAGE_ENTRIES) {
      const asked = { filter, sort, order, query, offset, limit: PAGE_ENTRIES };
      const { entries, total } = await client.call("cache.list", asked);
      const isWhole = tickEntries(entries, true);
      if (!isWhole || (total > TICKS_MOST && offset + PAGE_ENTRIES >= TICKS_MOST)) sayFull();
      if (!isWhole || offset + entries.length >= total) return;
    }
  } catch (thrown) {
    notifyTrouble(thrown);
  }
}

function sayFull(): void {
  const most = TICKS_MOST.toLocaleString("en");
  useNoticeStore.getState().notify(`At most ${most} entries are ticked at once.`);
}

function Nothing() {
  const show = useScreenStore((state) => state.show);
  return (
    <EmptyState
      title="Nothing of a bucket is known to be here yet"
      text="What you get from the Library, or upload, is listed here with what proves it. Longhaul uses it again instead of fetching it twice."
    >
      <Button variant="filled" onClick={() => show("library")}>
        Open the Library
      </Button>
    </EmptyState>
  );
}

function NoMatch({ query }: { readonly query: string }) {
  return (
    <EmptyState text={query === "" ? "No entry is like that." : `No entry matches “${query}”.`}>
      <Button onClick={() => lookAt({ filter: "all", text: "" })}>Show all</Button>
    </EmptyState>
  );
}
