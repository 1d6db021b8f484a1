import { useState } from "react";
import { useShallow } from "zustand/react/shallow";
import type { Direction, TransferView } from "#shared/transfer.ts";
import { homeWords } from "../common/home-path.ts";
import { useFormats } from "../common/use-formats.ts";
import { useNow } from "../common/use-now.ts";
import { useSettingsStore } from "../state/settings-store.ts";
import { useStatusStore } from "../state/status-store.ts";
import { useTransferStore } from "../state/transfer-store.ts";
import { sentenceOf } from "./sentence.ts";
import { steadySeconds } from "./time-left.ts";

/** The row's sentence, with a time left that rests and a clock that runs only where one is shown. */
export function useSentence(view: TransferView, isNext: boolean): string {
  const formats = useFormats();
  const isCounting = view.state.phase === "running" && view.state.activity.kind === "stalled";
  const nowMs = useNow(isCounting);
  const slots = { ...useSlots(view.direction), isNext };
  const secondsLeft = useSteady(view.secondsLeft);
  const host = useStatusStore((state) => state.host);
  const goesOnAtMs = useStatusStore((state) => state.pace.untilMs);
  const next = useStatusStore((state) => state.pace.next);
  const isOverride = useStatusStore((state) => state.pace.isOverride);
  const context = { nowMs, formats, slots, goesOnAtMs, next, isOverride };
  return homeWords(sentenceOf({ ...view, secondsLeft }, context), host);
}

function useSteady(next: number | null): number | null {
  const [shown, setShown] = useState(next);
  const steady = steadySeconds(shown, next);
  if (steady !== shown) setShown(steady);
  return steady;
}

export function useSlots(direction: Direction): { readonly inUse: number; readonly max: number } {
  const max = useSettingsStore(({ settings }) =>
    direction === "upload" ? settings.maxUploads : settings.maxDownloads,
  );
  const inUse = useTransferStore((state) => countRunning(state.byId.values(), direction));
  return { inUse, max };
}

export function countRunning(views: Iterable<TransferView>, direction: Direction): number {
  let count = 0;
  for (const view of views) {
    const { phase } = view.state;
    if (view.direction === direction && (phase === "running" || phase === "verifying")) count += 1;
  }
  return count;
}

/** `3 of 3 down, 1 of 3 up`: beside the head of the active ones. */
export function useSlotNote(): string {
  const { maxDownloads, maxUploads } = useSettingsStore(
    useShallow(({ settings }) => ({
      maxDownloads: settings.maxDownloads,
      maxUploads: settings.maxUploads,
    })),
  );
  const down = useTransferStore((state) => countRunning(state.byId.values(), "download"));
  const up = useTransferStore((state) => countRunning(state.byId.values(), "upload"));
  return `${down} of ${maxDownloads} down, ${up} of ${maxUploads} up`;
}
