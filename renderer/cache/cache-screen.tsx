import { useFolders } from "./use-folders.ts";
import { CacheHeader } from "./cache-header.tsx";
import { useCacheStore } from "./cache-store.ts";
import { EntriesView } from "./entries-view.tsx";
import { ForgetDialog } from "./forget-dialog.tsx";
import { FreeSheet } from "./free-sheet.tsx";
import { WorkStrip } from "./work-strip.tsx";
import { UnfinishedList } from "../unfinished/unfinished-list.tsx";
import { FollowList } from "../follows/follow-list.tsx";
import { useFollows } from "../follows/use-follows.ts";
import { useUnfinished } from "../unfinished/use-unfinished.ts";

/** What of buckets is on this machine, and what transfers have left behind. */
export function CacheScreen() {
  const folders = useFolders();
  const unfinished = useUnfinished();
  const follows = useFollows();
  const tab = useCacheStore((state) => state.tab);
  const text = useCacheStore((state) => state.text);
  return (
    <>
      <CacheHeader
        unfinishedCount={unfinished.found?.length ?? 0}
        followCount={follows?.length ?? 0}
      />
      <WorkStrip />
      {tab === "entries" && <EntriesView folders={folders} />}
      {tab === "unfinished" && <UnfinishedList unfinished={unfinished} filter={text} />}
      {tab === "follows" && <FollowList follows={follows} filter={text} />}
      <FreeSheet folders={folders.value ?? []} />
      <ForgetDialog />
    </>
  );
}
