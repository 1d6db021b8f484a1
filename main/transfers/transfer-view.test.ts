import { describe, expect, it } from "vitest";
import { SyncWish } from "#shared/sync.ts";
import { TransferView } from "#shared/transfer.ts";
import { aDownloadSpec, aDropSpec, anUploadSpec } from "./fixtures.ts";
import { aTransferId } from "./journal-fixtures.ts";
import { NO_COUNTS, newRecord } from "./transfer-record.ts";
import type { TransferRecord } from "./transfer-record.ts";
import { lastName, nameOf, specKey } from "./transfer-spec.ts";
import type { TransferSpec } from "./transfer-spec.ts";
import type { LiveFacts } from "./transfer-view.ts";
import { toView } from "./transfer-view.ts";

const error = { code: "unreachable", message: "no line", details: {} } as const;
const LIVE: LiveFacts = {
  activity: { kind: "moving" },
  doneBytes: 5,
  inFlightBytes: 7,
  crossedBytes: 3,
  readBackBytes: 3,
  bytesPerSecond: 11,
  secondsLeft: 13,
};

function aRecord(given: Partial<TransferRecord> = {}, spec: TransferSpec = anUploadSpec()) {
  return { ...newRecord(aTransferId(1), spec, nameOf(spec), AT), ...given };
}
const AT = { position: 1, wallMs: 1000 };

describe("the view of a transfer", () => {
  it.each<[TransferRecord["state"], LiveFacts | null, object]>([
    [{ phase: "queued" }, null, { phase: "queued", cause: "limit" }],
    [{ phase: "running", sinceMs: 1 }, null, { phase: "running", activity: { kind: "preparing" } }],
    [{ phase: "running", sinceMs: 1 }, LIVE, { phase: "running", activity: { kind: "moving" } }],
    [{ phase: "verifying", sinceMs: 1 }, LIVE, { phase: "verifying", doneBytes: 3 }],
    [
      { phase: "paused", cause: "disk", sinceMs: 2, error },
      null,
      { phase: "paused", cause: "disk", sinceMs: 2, error },
    ],
    [{ phase: "done", atMs: 9 }, null, { phase: "done", atMs: 9 }],
    [{ phase: "failed", atMs: 9, error }, null, { phase: "failed", atMs: 9, error }],
    [
      { phase: "canceled", atMs: 9, isKept: true, isCleared: false },
      null,
      { phase: "canceled", atMs: 9 },
    ],
  ])("of state %j", (state, live, shown) => {
    const view = toView(aRecord({ state }), live, "Lab");
    expect(view.state).toEqual(shown);
    expect(TransferView.parse(view)).toEqual(view);
  });

  it("adds what is under way to what is at rest", () => {
    const counts = { ...NO_COUNTS, done: 2, failed: 1, waiting: 4, skipped: 1, asking: 1 };
    const totals = { sizeBytes: 100, doneBytes: 20, keptBytes: 10, counts };
    expect(toView(aRecord({ totals }), LIVE, "Lab")).toMatchObject({
      doneBytes: 25,
      keptBytes: 10,
      inFlightBytes: 7,
      totalBytes: 100,
      isListing: true,
      itemCount: 9,
      doneItemCount: 2,
      failedItemCount: 1,
      skippedItemCount: 1,
      askingItemCount: 1,
      bytesPerSecond: 11,
      secondsLeft: 13,
    });
  });

  it("says where from and where to", () => {
    const upload = toView(aRecord({}, anUploadSpec({ rename: "other" })), null, "Lab");
    expect(upload.from).toEqual({ kind: "local", path: "/models/llama" });
    expect(upload.to).toMatchObject({ kind: "s3", profileName: "Lab", key: "other" });
    const spec = aDownloadSpec({ keys: ["m/a/x", "m/a/y", "m/b"] });
    const download = toView(aRecord({}, spec), null, "Lab");
    expect(download.from).toMatchObject({ bucket: "models", key: "m/" });
    expect(download.to).toEqual({ kind: "local", path: "/home/ada/models" });
  });

  it.each([
    [["a", "b"], ""],
    [["m/a/", "m/a/"], "m/"],
    [["m/a"], "m/a"],
    [["ma/x", "mb/x"], ""],
  ])("names what keys %j have in common", (keys, key) => {
    const view = toView(aRecord({}, aDownloadSpec({ keys })), null, "Lab");
    expect(view.from).toMatchObject({ key });
  });
});

describe("the view of an archive", () => {
  it("says of an archive how it is packed, or where it is unpacked and what came of it", () => {
    expect(toView(aRecord({}, anUploadSpec({ archive: "tar.gz" })), null, "Lab")).toMatchObject({
      archive: "tar.gz",
    });
    const dropped = aDropSpec({ archive: "tar" });
    expect(toView(aRecord({}, dropped), null, "Lab")).toMatchObject({ archive: "tar" });
    const unpack = { destination: "/home/ada/bert", method: "auto" } as const;
    const record = aRecord({}, aDownloadSpec({ keys: ["bert.tar"], unpack }));
    const came = { kind: "asking", note: "/home/ada/bert holds other files" } as const;
    const counters = { ...record.counters, unpacked: came };
    const view = toView({ ...record, counters }, null, "Lab");
    expect(view.unpack).toEqual({ ...unpack, came });
    expect(TransferView.parse(view)).toEqual(view);
  });
});

describe("a request", () => {
  it("is the same whatever the way, and another for other files", () => {
    const key = (given: Parameters<typeof anUploadSpec>[0]) => specKey(anUploadSpec(given));
    expect(key({ partSizeBytes: 5, onConflict: "skip" })).toBe(key({}));
    for (const other of [
      { sources: ["/models/other"] },
      { rename: "x" },
      { contentsOnly: true },
      { include: ["*.bin"] },
      { exclude: ["*.bin"] },
      { followSymlinks: true },
      { emptyFolders: true },
    ]) {
      expect(key(other)).not.toBe(key({}));
    }
    expect(specKey(aDownloadSpec({ folder: "/x" }))).not.toBe(specKey(aDownloadSpec()));
  });

  it.each([
    [["/a/model.bin"], "model.bin"],
    [["/a/model/"], "model"],
    [["/a", "/b", "/c"], "a and 2 more"],
  ])("for %j is called %s", (sources, name) => {
    expect(nameOf(anUploadSpec({ sources }))).toBe(name);
  });

  it("for a whole bucket is called like the bucket", () => {
    expect(nameOf(aDownloadSpec({ keys: [""] }))).toBe("models");
    expect(lastName("C:\\data\\x\\")).toBe("x");
  });
});

it("says that the schedule holds a queued transfer back", () => {
  const view = toView(aRecord({ state: { phase: "queued" } }), null, "Lab", "schedule");
  expect(view.state).toEqual({ phase: "queued", cause: "schedule" });
});

it("counts what a sync did, and says so of no other transfer", () => {
  const spec = aDownloadSpec({ sync: SyncWish.parse({ isDryRun: true }) });
  const record = aRecord({}, spec);
  const sync = { moves: 2, moveBytes: 9, deletes: 1, same: 4, keepsVersions: true };
  const view = toView({ ...record, counters: { ...record.counters, sync } }, null, "Lab");
  expect(TransferView.parse(view).sync).toEqual({ ...sync, isDryRun: true });
  expect(view.name).toBe("llama.gguf (dry run)");
  expect(toView(aRecord(), null, "Lab")).not.toHaveProperty("sync");
  // Another wish is another transfer.
  const wishes = [undefined, {}, { deletes: true }, { isDryRun: true }];
  const keys = wishes.map((wish) =>
    specKey(wish === undefined ? aDownloadSpec() : aDownloadSpec({ sync: SyncWish.parse(wish) })),
  );
  expect(new Set(keys).size).toBe(4);
});

it.each<[TransferSpec, object]>([
  [anUploadSpec(), {}],
  [anUploadSpec({ contentsOnly: true }), { contentsOnly: true }],
  [anUploadSpec({ rename: "b" }), {}],
  [anUploadSpec({ followSymlinks: true }), { isParticular: true }],
  [anUploadSpec({ exclude: ["*.tmp"] }), { isParticular: true }],
  [aDownloadSpec(), {}],
  [aDownloadSpec({ contentsOnly: true }), { contentsOnly: true }],
  [aDownloadSpec({ rename: "b" }), { isParticular: true }],
  [aDownloadSpec({ versionId: "v1" }), { isParticular: true }],
  [aDownloadSpec({ cache: true }), { isParticular: true }],
  [aDownloadSpec({ readBack: true }), { isParticular: true }],
])("says whether more was wished than from where to where: %j", (spec, said) => {
  const { contentsOnly, isParticular } = toView(aRecord({}, spec), null, "Lab");
  const given = { contentsOnly, isParticular };
  expect(JSON.parse(JSON.stringify(given))).toEqual(said);
});
