import type { TransferView } from "#shared/transfer.ts";

/** Percent of the whole, one after the other: was here, moved, on the wire. */
export type BarShares = { readonly kept: number; readonly moved: number; readonly flight: number };

/** Null while the whole is unknown: a bar would go backward with every file that is found. */
export function barShares(
  view: Pick<
    TransferView,
    "doneBytes" | "keptBytes" | "inFlightBytes" | "totalBytes" | "isListing" | "state"
  >,
): BarShares | null {
  const { totalBytes, doneBytes } = view;
  if (view.isListing || totalBytes === 0 || view.state.phase === "done") return null;
  const isUntouched = doneBytes === 0 && view.inFlightBytes === 0 && view.state.phase === "queued";
  if (isUntouched) return null;
  const done = percent(doneBytes, totalBytes);
  const kept = Math.min(percent(view.keptBytes, totalBytes), done);
  return {
    kept,
    moved: done - kept,
    flight: Math.min(percent(view.inFlightBytes, totalBytes), 100 - done),
  };
}

function percent(bytes: number, totalBytes: number): number {
  return Math.min(100, (bytes / totalBytes) * 100);
}
