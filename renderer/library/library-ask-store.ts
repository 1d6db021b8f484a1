import { create } from "zustand";
import type { Destination } from "#shared/settings.ts";

/** What a dialog of the Library asks about. */
export type LibraryAsk =
  | { readonly kind: "unpack"; readonly place: Destination; readonly objectKey: string }
  /** The place is the prefix, or the whole bucket. */
  | { readonly kind: "follow"; readonly place: Destination };

export const useLibraryAskStore = create<{ readonly ask: LibraryAsk | null }>(() => ({
  ask: null,
}));

/** Null closes it. */
export function askLibrary(ask: LibraryAsk | null): void {
  useLibraryAskStore.setState({ ask });
}
