import type { Activity, Cause, Place, TransferStateView, TransferView } from "#shared/transfer.ts";
import type { ErrorCode } from "#shared/errors.ts";
import { NO_SYNC } from "#shared/sync.ts";
import type { TransferRecord } from "./transfer-record.ts";
import type { DownloadSpec, TransferSpec, UploadSpec } from "./transfer-spec.ts";
import type { TransferState } from "./transfer-state.ts";
import { itemCountOf } from "./transfer-record.ts";
import { bucketOf, profileIdOf, syncOf } from "./transfer-spec.ts";

/** What is measured while a run is under way; none of it is journaled. */
export type LiveFacts = {
  readonly activity: Activity;
  /** What the items under way have done beyond what the totals count. */
  readonly doneBytes: number;
  readonly inFlightBytes: number;
  /** Of those in flight, about how many have crossed the line. */
  readonly crossedBytes: number;
  /** Read back so far, by items that are being verified. */
  readonly readBackBytes: number;
  readonly bytesPerSecond: number;
  readonly secondsLeft: number | null;
};

/**
 * What a window sees of a transfer. `live` is null while no run of it is under way; `waitsFor` is
 * why it does not run where it is queued.
 */
export function toView(
  record: TransferRecord,
  live: LiveFacts | null,
  profileName: string,
  waitsFor: Cause = "limit",
): TransferView {
  const { totals, counters } = record;
  return {
    id: record.id,
    direction: record.direction,
    name: record.name,
    ...placesOf(record.spec, profileName),
    state: named(toStateView(record.state, live, waitsFor), profileName),
    doneBytes: totals.doneBytes + (live?.doneBytes ?? 0),
    keptBytes: totals.keptBytes,
    inFlightBytes: live?.inFlightBytes ?? 0,
    totalBytes: totals.sizeBytes,
    isListing: !record.listing.isComplete,
    itemCount: itemCountOf(totals),
    doneItemCount: totals.counts.done,
    failedItemCount: totals.counts.failed,
    skippedItemCount: totals.counts.skipped,
    askingItemCount: totals.counts.asking,
    bytesPerSecond: live?.bytesPerSecond ?? 0,
    secondsLeft: live?.secondsLeft ?? null,
    movedTwiceBytes: counters.movedTwiceBytes,
    resumedAtBytes: counters.resumedAtBytes,
    rung: counters.rung,
    createdAtMs: record.createdAtMs,
    startedAtMs: record.startedAtMs,
    activeMs: record.activeMs,
    capBytesPerSecond: counters.capBytesPerSecond,
    position: record.position,
    ...wishView(record),
    ...syncView(record),
    ...archiveView(record),
    ...(counters.otherCount > 0 && { otherItemCount: counters.otherCount }),
  };
}

function wishView({ spec }: TransferRecord): Pick<TransferView, "contentsOnly" | "isParticular"> {
  if (spec.kind === "drop") return {};
  return {
    ...(spec.contentsOnly && { contentsOnly: true }),
    ...(isParticular(spec) && { isParticular: true }),
  };
}

/** Another name of an upload is in its key. */
function isParticular(spec: UploadSpec | DownloadSpec): boolean {
  const { include, exclude, readBack, access, kind } = spec;
  const isPlain = include.length + exclude.length === 0 && !readBack && access === undefined;
  if (!isPlain) return true;
  if (kind === "upload") return spec.followSymlinks || spec.emptyFolders;
  const { rename, versionId, preserveMode, cache, replacesStale, unpack, keptFolders } = spec;
  const isNamed = rename !== null || keptFolders !== undefined;
  const isPlainGet = !isNamed && versionId === undefined && preserveMode !== true;
  // What is unpacked is known by that.
  return !isPlainGet || cache === true || (replacesStale === true && unpack === undefined);
}

function syncView({ spec, counters }: TransferRecord): Pick<TransferView, "sync"> {
  const wish = syncOf(spec);
  if (wish === null) return {};
  return { sync: { ...(counters.sync ?? NO_SYNC), isDryRun: wish.isDryRun } };
}

function archiveView({ spec, counters }: TransferRecord): Pick<TransferView, "archive" | "unpack"> {
  if (spec.kind !== "download") {
    return spec.archive === undefined ? {} : { archive: spec.archive };
  }
  if (spec.unpack === undefined) return {};
  return { unpack: { ...spec.unpack, came: counters.unpacked } };
}

function toStateView(
  state: TransferState,
  live: LiveFacts | null,
  waitsFor: Cause,
): TransferStateView {
  switch (state.phase) {
    case "queued":
      return { phase: "queued", cause: waitsFor };
    case "running":
      return { phase: "running", activity: live?.activity ?? { kind: "preparing" } };
    case "verifying":
      return { phase: "verifying", doneBytes: live?.readBackBytes ?? 0 };
    case "canceled":
      return { phase: "canceled", atMs: state.atMs };
    case "paused":
    case "done":
    case "failed":
      return state;
    default:
      return state satisfies never;
  }
}

/** Errors whose words say whose keys they are about. */
const ABOUT_KEYS: ReadonlySet<ErrorCode> = new Set([
  "credentials-missing",
  "credentials-wrong",
  "credentials-expired",
  "access-denied",
]);

/** Who signs a request does not know what the profile is called. */
function named(state: TransferStateView, profile: string): TransferStateView {
  if (state.phase !== "paused" && state.phase !== "failed") return state;
  const { error } = state;
  if (error === null || !ABOUT_KEYS.has(error.code)) return state;
  return { ...state, error: { ...error, details: { profile, ...error.details } } };
}

function placesOf(
  spec: TransferSpec,
  profileName: string,
): { readonly from: Place; readonly to: Place } {
  const remote = {
    kind: "s3",
    profileId: profileIdOf(spec),
    profileName,
    bucket: bucketOf(spec),
    key: remoteKey(spec),
  } as const;
  if (spec.kind === "download") return { from: remote, to: { kind: "local", path: spec.folder } };
  const from: Place =
    spec.kind === "drop" ? { kind: "drop" } : { kind: "local", path: spec.sources[0] ?? "" };
  return { from, to: remote };
}

function remoteKey(spec: TransferSpec): string {
  if (spec.kind === "download") {
    return spec.keys.length === 1 ? (spec.keys[0] ?? "") : commonPrefix(spec.keys);
  }
  const isRenamed = spec.kind === "upload" && spec.rename !== null;
  return spec.destination.prefix + (isRenamed ? spec.rename : "");
}

/** The longest prefix ending in `/` that all keys share; empty when they share none. */
function commonPrefix(keys: readonly string[]): string {
  const [first = "", ...others] = keys;
  let end = first.lastIndexOf("/", first.length - 2) + 1;
  while (end > 0 && !others.every((key) => key.startsWith(first.slice(0, end)))) {
    end = first.lastIndexOf("/", end - 2) + 1;
  }
  return first.slice(0, end);
}
