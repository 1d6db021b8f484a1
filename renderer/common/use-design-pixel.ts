import { useSettingsStore } from "../state/settings-store.ts";

/** Pixels of a design pixel: 1 at text size 100 % and the browser's usual 16 px. */
export function useDesignPixel(): number {
  // Read again when the text size changes, which sets the root's font size.
  useSettingsStore((state) => state.settings.textSizePercent);
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 || 1;
}
