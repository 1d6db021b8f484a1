import type { ItemPhase, ItemView, TransferView } from "#shared/transfer.ts";
import type { Formats } from "../../common/use-formats.ts";
import { formatCount, percentOf } from "../../common/byte-figures.ts";

export type ItemFilter = {
  readonly value: string;
  readonly label: string;
  /** Empty is all. */
  readonly phases: readonly ItemPhase[];
};

/** The same lists at every drawing: a list that changed would be asked for anew. */
const ALL: readonly ItemPhase[] = [];
const ASKING: readonly ItemPhase[] = ["asking"];
const FAILED: readonly ItemPhase[] = ["failed"];
const SKIPPED: readonly ItemPhase[] = ["skipped"];

/** All, and what a person may look for, as far as there is any. */
export function itemFilters(view: TransferView): readonly ItemFilter[] {
  const parts: readonly (ItemFilter & { readonly count: number })[] = [
    { value: "asking", label: "Ask", phases: ASKING, count: view.askingItemCount },
    { value: "failed", label: "Failed", phases: FAILED, count: view.failedItemCount },
    { value: "skipped", label: "Left out", phases: SKIPPED, count: view.skippedItemCount },
  ];
  return [
    { value: "all", label: "All", phases: ALL },
    ...parts
      .filter(({ count }) => count > 0)
      .map(({ value, label, phases, count }) => ({
        value,
        phases,
        label: `${label} ${formatCount(count)}`,
      })),
  ];
}

/** A file as one sentence. */
export function spokenItem(item: ItemView | undefined, formats: Pick<Formats, "bytes">): string {
  if (!item) return "Not loaded yet";
  return `${item.name}, ${formats.bytes(item.sizeBytes)}, ${phaseText(item)}`;
}

export function phaseText(item: ItemView): string {
  switch (item.phase) {
    case "arriving":
      return "arrives from the browser";
    case "arrived":
      return "is here, waits for the others";
    case "waiting":
      return "waits";
    case "moving":
      return `${percentOf(item.doneBytes, item.sizeBytes) ?? 0} percent moved`;
    case "verifying":
      return "is being verified";
    case "asking":
      return "waits for an answer";
    case "done":
      return "done";
    case "skipped":
      return "left out";
    case "failed":
      return "failed";
    default:
      return item.phase satisfies never;
  }
}
