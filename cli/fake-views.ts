import type { ItemView, TransferStateView } from "#shared/transfer.ts";
import { TransferView } from "#shared/transfer.ts";

export const VIEW_ID = "4f9a0b1e-6d0c-4c1e-9f55-0c2a7a3f1b2d";

/** For tests: an upload of one file of 1 GB to `s3://lab/m/`, with what is given different. */
export function makeView(given: Partial<Record<keyof TransferView, unknown>> = {}): TransferView {
  return TransferView.parse({
    id: VIEW_ID,
    direction: "upload",
    name: "big.bin",
    from: { kind: "local", path: "/data/big.bin" },
    to: { kind: "s3", profileId: "p", profileName: "Lab", bucket: "lab", key: "m/" },
    state: running,
    doneBytes: 0,
    keptBytes: 0,
    inFlightBytes: 0,
    totalBytes: 1_000_000_000,
    isListing: false,
    itemCount: 1,
    doneItemCount: 0,
    failedItemCount: 0,
    skippedItemCount: 0,
    askingItemCount: 0,
    bytesPerSecond: 0,
    secondsLeft: null,
    movedTwiceBytes: 0,
    resumedAtBytes: null,
    rung: null,
    capBytesPerSecond: null,
    createdAtMs: 0,
    startedAtMs: 0,
    activeMs: 10_000,
    position: 1,
    ...given,
  });
}

export const running: TransferStateView = { phase: "running", activity: { kind: "moving" } };
export const done: TransferStateView = { phase: "done", atMs: 0 };

/** For tests: a waiting item of one byte. */
export function makeItem(given: Partial<ItemView> = {}): ItemView {
  return {
    index: 0,
    name: "big.bin",
    sizeBytes: 1,
    doneBytes: 0,
    phase: "waiting",
    error: null,
    note: null,
    receipt: null,
    ...given,
  };
}
