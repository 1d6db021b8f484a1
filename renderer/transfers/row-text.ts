import type { HostInfo } from "#shared/contract.ts";
import type { Settings } from "#shared/settings.ts";
import type { TransferView } from "#shared/transfer.ts";
import { formatBytes } from "#shared/format.ts";
import { formatCount, formatPart, percentOf } from "../common/byte-figures.ts";
import { routeText } from "./place-text.ts";

/** `19.6 of 42.5 GB`, or the whole where nothing has moved or all has. */
export function amountText(view: TransferView, sizeUnits: Settings["sizeUnits"]): string {
  const { doneBytes, totalBytes, isListing, state } = view;
  if (state.phase === "done") return formatBytes(totalBytes, sizeUnits);
  if (doneBytes === 0) {
    if (isListing && totalBytes === 0) return "";
    return `${isListing ? "~" : ""}${formatBytes(totalBytes, sizeUnits)}`;
  }
  return formatPart(doneBytes, totalBytes, sizeUnits, isListing);
}

/** Null where a figure would be wrong: nothing has moved, the whole is unknown, or it is done. */
export function rowPercent(view: TransferView): number | null {
  if (view.isListing || view.state.phase === "done") return null;
  const isFresh = view.doneBytes === 0 && view.state.phase === "queued";
  return isFresh ? null : percentOf(view.doneBytes, view.totalBytes);
}

/** Beside the name: how many files, or as what a folder goes. Empty for one file. */
export function variantText(view: TransferView): string {
  const { itemCount, doneItemCount, state, archive } = view;
  if (archive !== undefined) return `as one .${archive}`;
  if (itemCount <= 1) return "";
  const isPartly = state.phase !== "done" && doneItemCount > 0;
  return isPartly
    ? `${formatCount(doneItemCount)} of ${formatCount(itemCount)} files`
    : `${formatCount(itemCount)} files`;
}

/** The whole row for a screen reader: what, where to, how far, why. */
export function spokenRow(
  view: TransferView,
  text: { readonly sentence: string; readonly rate: string | null; readonly cap?: string | null },
  host: HostInfo | null,
  sizeUnits: Settings["sizeUnits"],
): string {
  const way = view.direction === "download" ? "Download" : "Upload";
  const percent = rowPercent(view);
  const far =
    percent === null
      ? amountText(view, sizeUnits)
      : `${percent} percent of ${amountOfWhole(view, sizeUnits)}`;
  const route = `from ${routeText(view.from, view.name, host)} to ${routeText(view.to, view.name, host)}`;
  return [`${way} ${view.name}`, variantText(view), route, far, text.rate, text.cap, text.sentence]
    .filter((said) => said !== null && said !== undefined && said !== "")
    .join(", ");
}

function amountOfWhole(view: TransferView, sizeUnits: Settings["sizeUnits"]): string {
  return formatBytes(view.totalBytes, sizeUnits);
}
