import type { Entry } from "../cache/entry.ts";
import type { FileStamp } from "../disk/file-stamp.ts";
import type { ObjectInfo } from "../stores/store.ts";
import type { Receipt } from "#shared/transfer.ts";
import type { Run } from "./run-ports.ts";
import { bucketOf, profileIdOf } from "./transfer-spec.ts";

/**
 * A file of a run as a copy of an object. Not for the journal where the object has no ETag: see
 * `hasVersion`.
 *
 * @param file Its stamp is of before its bytes were last known to be right.
 * @param receipt Of the move; null for a file that was found and compared.
 */
export function copyEntry(
  { ports, record, opened }: Pick<Run, "ports" | "record" | "opened">,
  object: ObjectInfo,
  file: { readonly path: string; readonly stamp: FileStamp },
  receipt: Receipt | null,
): Entry {
  const nowMs = ports.clock.wallMs();
  return {
    path: file.path,
    origin: opened.origin,
    key: object.key,
    profileId: profileIdOf(record.spec),
    bucket: bucketOf(record.spec),
    etag: object.etag,
    versionId: receipt?.versionId ?? object.versionId,
    sizeBytes: object.sizeBytes,
    stamp: file.stamp,
    kind: "own",
    isFetched: record.spec.kind === "download" && receipt !== null,
    rung: receipt?.rung ?? null,
    sha256: receipt?.sha256 ?? null,
    isPinned: false,
    addedAtMs: nowMs,
    usedAtMs: nowMs,
    verifiedAtMs: receipt === null ? nowMs : null,
    trouble: null,
  };
}
