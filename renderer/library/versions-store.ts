import { create } from "zustand";
import type { Destination } from "#shared/settings.ts";

/** The object whose versions are shown; null is none. */
type Shown = { readonly place: Destination; readonly objectKey: string; readonly name: string };

export const useVersionsStore = create<{ readonly shown: Shown | null }>(() => ({ shown: null }));

export function showVersions(shown: Shown | null): void {
  useVersionsStore.setState({ shown });
}
