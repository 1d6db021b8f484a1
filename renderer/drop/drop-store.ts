import { create } from "zustand";
import type { Destination } from "#shared/settings.ts";
import type { UploadItem } from "./upload-plan.ts";

type DropState = {
  /** How many things are being dragged over the window; null when none are. */
  readonly draggedCount: number | null;
  /** What the sheet asks about; null while it is closed. */
  readonly sheet: {
    readonly items: readonly UploadItem[];
    readonly destination: Destination | null;
  } | null;
  /** Drops whose bytes this page is sending. */
  readonly sendingCount: number;
};

export const useDropStore = create<DropState>(() => ({
  draggedCount: null,
  sheet: null,
  sendingCount: 0,
}));

/** Opens the sheet; while it is open, more comes to what it holds. */
export function askAbout(items: readonly UploadItem[], destination: Destination | null): void {
  if (items.length === 0) return;
  useDropStore.setState(({ sheet }) => ({
    sheet: sheet ? { ...sheet, items: [...sheet.items, ...items] } : { items, destination },
  }));
}

export function closeSheet(): void {
  useDropStore.setState({ sheet: null });
}

export function leaveOut(item: UploadItem): void {
  useDropStore.setState(({ sheet }) => {
    const items = sheet?.items.filter((one) => one !== item) ?? [];
    return { sheet: sheet && items.length > 0 ? { ...sheet, items } : null };
  });
}
