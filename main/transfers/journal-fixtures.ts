import type { Entry } from "../cache/entry.ts";
import { ProfileId } from "#shared/profile.ts";
import type { JournalChange, NewItem, PartRow, TransferRow } from "./journal.ts";
import { TransferId } from "#shared/transfer.ts";

/** A transfer id for tests, the same for the same number. */
export function aTransferId(number: number): TransferId {
  return TransferId.parse(`00000000-0000-4000-8000-${String(number).padStart(12, "0")}`);
}

export function aTransferRow(given: Partial<TransferRow> = {}): TransferRow {
  return {
    id: aTransferId(1),
    position: 1,
    direction: "upload",
    name: "llama",
    specKey: "llama to models",
    spec: { sources: ["/models/llama"] },
    state: { phase: "queued" },
    listing: { isComplete: false },
    counters: null,
    createdAtMs: 1_700_000_000_000,
    startedAtMs: null,
    finishedAtMs: null,
    activeMs: 0,
    ...given,
  };
}

/** Items of 1000 bytes, counted on from an index. */
export function someItems(
  count: number,
  given: Partial<NewItem> & { from?: number } = {},
): NewItem[] {
  const { from = 0, ...rest } = given;
  return Array.from({ length: count }, (_, offset) => ({
    index: from + offset,
    name: `shard-${from + offset}.bin`,
    sizeBytes: 1000,
    source: { path: `/models/llama/shard-${from + offset}.bin` },
    ...rest,
  }));
}

export function aPart(number: number, given: Partial<PartRow> = {}): PartRow {
  return {
    number,
    start: (number - 1) * 100,
    end: number * 100,
    etag: `"etag-${number}"`,
    sha256: null,
    proof: null,
    ...given,
  };
}

/** The changes that put a transfer with so many items into the journal. */
export function aTransferOf(itemCount: number, row = aTransferRow()): JournalChange[] {
  return [
    { type: "transfer-put", row },
    { type: "items-added", transferId: row.id, items: someItems(itemCount) },
  ];
}

/** A file that is known to be a copy of an object, for tests. */
export function anEntry(given: Partial<Entry> = {}): Entry {
  return {
    path: "/models/llama/shard-0.bin",
    origin: "https://store.lab/models",
    key: "llama/shard-0.bin",
    profileId: ProfileId.parse("lab"),
    bucket: "models",
    etag: '"etag"',
    versionId: null,
    sizeBytes: 1000,
    stamp: { dev: "1", ino: "2", size: "1000", mtimeNs: "3", ctimeNs: "4" },
    kind: "own",
    isFetched: true,
    rung: null,
    sha256: null,
    isPinned: false,
    addedAtMs: 1_700_000_000_000,
    usedAtMs: 1_700_000_000_000,
    verifiedAtMs: null,
    trouble: null,
    ...given,
  };
}
