import type { ObjectFacts } from "../store.ts";
import { pinnable } from "./s3-data.ts";

const META = "x-amz-meta-";
/** Unreadable until they are restored; GLACIER_IR is read at once. */
const ARCHIVES: ReadonlySet<string> = new Set(["GLACIER", "DEEP_ARCHIVE"]);

/** What the headers of a HEAD or GET say of an object. */
export function readFacts(headers: Readonly<Record<string, string>>): ObjectFacts {
  const metadata = Object.entries(headers)
    .filter(([name]) => name.startsWith(META))
    .map(([name, value]) => [name.slice(META.length), value]);
  return {
    metadata: Object.fromEntries(metadata),
    versionId: pinnable(headers),
    storageClass: headers["x-amz-storage-class"] ?? null,
    access: accessOf(headers),
  };
}

/** `x-amz-restore: ongoing-request="false", expiry-date=…` is an archived object with a copy to read. */
function accessOf(headers: Readonly<Record<string, string>>): ObjectFacts["access"] {
  const isArchived =
    ARCHIVES.has(headers["x-amz-storage-class"] ?? "") ||
    headers["x-amz-archive-status"] !== undefined;
  const restore = headers["x-amz-restore"] ?? "";
  if (!isArchived || restore.includes('ongoing-request="false"')) return "ready";
  return restore.includes('ongoing-request="true"') ? "restoring" : "archived";
}
