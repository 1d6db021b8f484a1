import { readDocument } from "../bodies/read-document.ts";
import { inTransaction } from "../catalog/database.ts";
import type { S3Answer, S3Call } from "../http/s3-call.ts";
import { S3Error } from "../protocol/s3-error.ts";
import type { XmlField } from "../protocol/xml.ts";
import { childText, renderXml } from "../protocol/xml.ts";
import type { SandboxStore } from "../sandbox-store.ts";
import { newContentId } from "./content-id.ts";

type Named = {
  readonly key: string;
  readonly versionId: string | undefined;
  /** It is to go only as long as it has this ETag; without quotes. */
  readonly etag?: string | undefined;
};

/** Deleting what is not there succeeds. @throws {S3Error} NoSuchBucket. */
export function deleteObject(call: S3Call): S3Answer {
  const { store, bucket, key, query } = call;
  store.buckets.require(bucket);
  const versionId = query.get("versionId");
  const [marker] = removeObjects(store, bucket, [{ key, versionId }]);
  return {
    status: 204,
    headers: {
      "x-amz-delete-marker": marker === undefined ? undefined : "true",
      "x-amz-version-id": marker ?? versionId,
    },
  };
}

/** Up to 1,000 keys at once. @throws {S3Error} NoSuchBucket, MalformedXML. */
export async function deleteObjects(call: S3Call): Promise<S3Answer> {
  call.store.buckets.require(call.bucket);
  const document = await readDocument(call);
  if (document?.name !== "Delete") throw new S3Error("MalformedXML");
  const named = document.children
    .filter((child) => child.name === "Object")
    .map((child) => ({
      key: childText(child, "Key"),
      versionId: childText(child, "VersionId"),
      etag: childText(child, "ETag")?.replaceAll('"', ""),
    }));
  const known = named.flatMap(({ key, ...rest }) => (key === undefined ? [] : [{ key, ...rest }]));
  if (known.length === 0 || known.length > 1000 || known.length < named.length) {
    throw new S3Error("MalformedXML");
  }
  const kept = known.filter((one) => isOther(call, one));
  const gone = known.filter((one) => !kept.includes(one));
  const markers = removeObjects(call.store, call.bucket, gone);
  const isQuiet = childText(document, "Quiet") === "true";
  const deleted = isQuiet ? [] : gone.map((one, index) => deletedXml(one, markers[index]));
  return { status: 200, text: renderXml("DeleteResult", [...deleted, ...kept.map(refusedXml)]) };
}

function isOther({ store, bucket }: S3Call, { key, etag }: Named): boolean {
  const found = etag === undefined ? undefined : store.objects.find(bucket, key);
  return found !== undefined && found.etag !== etag;
}

function deletedXml({ key, versionId }: Named, marker: string | undefined): XmlField {
  return [
    "Deleted",
    [
      ["Key", key],
      ["VersionId", versionId],
      ["DeleteMarker", marker === undefined ? undefined : true],
      ["DeleteMarkerVersionId", marker],
    ],
  ];
}

function refusedXml({ key }: Named): XmlField {
  const code = "PreconditionFailed";
  return [
    "Error",
    [
      ["Key", key],
      ["Code", code],
      ["Message", "At least one of the pre-conditions you specified did not hold"],
    ],
  ];
}

/** Returns, for each, the id of the mark that now stands for it, where versions are kept. */
function removeObjects(
  store: SandboxStore,
  bucket: string,
  named: readonly Named[],
): (string | undefined)[] {
  return inTransaction(store.db, () =>
    named.map(({ key, versionId }) =>
      versionId === undefined || !store.versions.isKept(bucket)
        ? removeNewest(store, bucket, key)
        : removeVersion(store, bucket, { key, versionId }),
    ),
  );
}

function removeNewest(store: SandboxStore, bucket: string, key: string): string | undefined {
  const object = store.objects.find(bucket, key);
  if (object !== undefined) {
    store.versions.retire(bucket, key, object);
    store.objects.delete(bucket, key);
  }
  if (!store.versions.isKept(bucket)) return undefined;
  const marker = newContentId(store.nowMs());
  store.versions.mark(bucket, key, marker, store.nowMs());
  return marker;
}

/** For good; the version before it takes its place. */
function removeVersion(
  store: SandboxStore,
  bucket: string,
  { key, versionId }: Named & { versionId: string },
): undefined {
  const object = store.objects.find(bucket, key);
  if (object === undefined || object.content === versionId) {
    if (object === undefined) store.versions.remove(bucket, key, versionId);
    else {
      store.parts.deleteAll(object.content);
      store.objects.delete(bucket, key);
    }
    const next = store.versions.takeNewest(bucket, key);
    if (next !== undefined) store.objects.put(bucket, key, next);
  } else store.versions.remove(bucket, key, versionId);
}
