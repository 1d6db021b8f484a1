import type { Journal } from "./journal.ts";

/** The same journal, which commits in another way. */
export function withCommit(inner: Journal, commit: Journal["commit"]): Journal {
  return {
    commit,
    transfers: () => inner.transfers(),
    items: (query) => inner.items(query),
    itemTotals: (transferId) => inner.itemTotals(transferId),
    parts: (transferId, index) => inner.parts(transferId, index),
    arrivals: (keys) => inner.arrivals(keys),
    log: (transferId, limit) => inner.log(transferId, limit),
    entriesAt: (paths) => inner.entriesAt(paths),
    entriesOf: (query) => inner.entriesOf(query),
    entryPage: (query) => inner.entryPage(query),
    entryList: (query) => inner.entryList(query),
    evictable: (query) => inner.evictable(query),
    entrySums: (folder) => inner.entrySums(folder),
    entryPieces: (id) => inner.entryPieces(id),
    hasEntries: (origin) => inner.hasEntries(origin),
    cacheIntents: () => inner.cacheIntents(),
    close: () => inner.close(),
  };
}
