import { create } from "zustand";
import type { Client } from "#shared/client.ts";
import type { ErrorInfo } from "#shared/errors.ts";
import type { Destination } from "#shared/settings.ts";
import type { LibraryRow } from "./library-rows.ts";
import { toErrorInfo } from "#shared/errors.ts";
import { isSamePlace } from "./library-place.ts";
import { rowsOfPage } from "./library-rows.ts";
import { renewTicks } from "./tick-store.ts";

export type Listing = {
  /** What is listed; null before the first. Compared by identity: an answer for another is dropped. */
  readonly place: Destination | null;
  readonly phase: "loading" | "ready" | "failed";
  readonly rows: readonly LibraryRow[];
  /** For the next page; null when everything is listed. */
  readonly cursor: string | null;
  readonly isLoadingMore: boolean;
  /** Why the first page, or the next, did not come. */
  readonly error: ErrorInfo | null;
};

const NOTHING: Listing = {
  place: null,
  phase: "loading",
  rows: [],
  cursor: null,
  isLoadingMore: false,
  error: null,
};

/** The listing on screen. One page at a time: never a whole bucket. */
export const useListingStore = create<Listing>(() => NOTHING);

/** Counts beginnings: a page that was asked for before one is not of the list that it began. */
let turn = 0;

/**
 * Lists a place from its beginning. What was listed of another place goes at once; of the same
 * place it stays on screen until the answer.
 */
export async function openListing(client: Client, place: Destination): Promise<void> {
  turn += 1;
  const before = useListingStore.getState();
  const stays = isSamePlace(before.place, place) && before.phase === "ready";
  if (stays) useListingStore.setState({ place, isLoadingMore: true, error: null });
  else useListingStore.setState({ ...NOTHING, place });
  await loadPage(client, place, null);
}

/** The next page, unless it is on its way already or there is none. */
export async function loadMore(client: Client): Promise<void> {
  const { place, cursor, isLoadingMore } = useListingStore.getState();
  if (!place || cursor === null || isLoadingMore) return;
  useListingStore.setState({ isLoadingMore: true, error: null });
  await loadPage(client, place, cursor);
}

async function loadPage(client: Client, place: Destination, cursor: string | null): Promise<void> {
  const asked = turn;
  const stillWanted = () => turn === asked && useListingStore.getState().place === place;
  try {
    const page = await client.call("library.list", { ...place, cursor });
    if (!stillWanted()) return;
    const listed = rowsOfPage(page, place.prefix);
    renewTicks(client, listed);
    useListingStore.setState(({ rows }) => ({
      phase: "ready",
      rows: [...(cursor === null ? [] : rows), ...listed],
      cursor: page.cursor,
      isLoadingMore: false,
      error: null,
    }));
  } catch (thrown) {
    if (!stillWanted()) return;
    useListingStore.setState(({ rows }) => ({
      phase: rows.length > 0 ? "ready" : "failed",
      isLoadingMore: false,
      error: toErrorInfo(thrown),
    }));
  }
}
