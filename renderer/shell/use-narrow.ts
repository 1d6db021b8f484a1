import { useSyncExternalStore } from "react";
import { useSettingsStore } from "../state/settings-store.ts";

/** Below this many pixels, at text size 100 %, the sidebar shows symbols and details cover the list. */
const NARROW_BELOW = 1000;

/** Larger text needs the room of a wider window, so the text size counts in. */
export function useNarrow(): boolean {
  const width = useSyncExternalStore(onResize, () => window.innerWidth);
  const percent = useSettingsStore((state) => state.settings.textSizePercent);
  return width / (percent / 100) < NARROW_BELOW;
}

function onResize(listener: () => void): () => void {
  window.addEventListener("resize", listener);
  return () => window.removeEventListener("resize", listener);
}
