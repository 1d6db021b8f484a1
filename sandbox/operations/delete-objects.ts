import { readDocument } from "../bodies/read-document.ts";
import { inTransaction } from "../catalog/database.ts";
import type { S3Answer, S3Call } from "../http/s3-call.ts";
import { S3Error } from "../protocol/s3-error.ts";
import { childText, renderXml } from "../protocol/xml.ts";
import type { SandboxStore } from "../sandbox-store.ts";

/** Deleting what is not there succeeds. @throws {S3Error} NoSuchBucket. */
export function deleteObject(call: S3Call): S3Answer {
  call.store.buckets.require(call.bucket);
  removeObjects(call.store, call.bucket, [call.key]);
  return { status: 204 };
}

/** Up to 1,000 keys at once. @throws {S3Error} NoSuchBucket, MalformedXML. */
export async function deleteObjects(call: S3Call): Promise<S3Answer> {
  call.store.buckets.require(call.bucket);
  const document = await readDocument(call);
  if (document?.name !== "Delete") throw new S3Error("MalformedXML");
  const keys = document.children
    .filter((child) => child.name === "Object")
    .map((child) => child.children.find(({ name }) => name === "Key")?.text);
  if (keys.length === 0 || keys.length > 1000 || keys.includes(undefined)) {
    throw new S3Error("MalformedXML");
  }
  const known = keys.filter((key) => key !== undefined);
  removeObjects(call.store, call.bucket, known);
  const isQuiet = childText(document, "Quiet") === "true";
  const deleted = isQuiet ? [] : known.map((key) => ["Deleted", [["Key", key]]] as const);
  return { status: 200, text: renderXml("DeleteResult", deleted) };
}

function removeObjects(store: SandboxStore, bucket: string, keys: readonly string[]): void {
  inTransaction(store.db, () => {
    for (const key of keys) {
      const object = store.objects.find(bucket, key);
      if (object === undefined) continue;
      store.parts.deleteAll(object.content);
      store.objects.delete(bucket, key);
    }
  });
}
