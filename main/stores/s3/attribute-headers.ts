import type { BucketAccess, Encryption } from "#shared/object-options.ts";
import type { ObjectAttributes } from "../store.ts";

/** For an object that says nothing of itself. */
const UNKNOWN_TYPE = "application/octet-stream";

/** What PutObject and CreateMultipartUpload say of an object; the parts of an upload say none of it. */
export function attributeHeaders(given: ObjectAttributes | undefined): Record<string, string> {
  if (given === undefined) return { "content-type": UNKNOWN_TYPE };
  const { contentType, cacheControl, metadata = {}, tags = {}, storageClass, encryption } = given;
  const tagging = Object.entries(tags).map((pair) => pair.map(encodeURIComponent).join("="));
  return {
    "content-type": contentType ?? UNKNOWN_TYPE,
    ...(cacheControl !== undefined && { "cache-control": cacheControl }),
    ...(storageClass !== undefined && { "x-amz-storage-class": storageClass }),
    ...(tagging.length > 0 && { "x-amz-tagging": tagging.join("&") }),
    ...(encryption && encryptionHeaders(encryption)),
    ...Object.fromEntries(
      Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]),
    ),
  };
}

function encryptionHeaders(encryption: Encryption): Record<string, string> {
  const name = "x-amz-server-side-encryption";
  switch (encryption.kind) {
    case "none":
      return {};
    case "s3":
      return { [name]: "AES256" };
    case "kms": {
      const { keyId } = encryption;
      return { [name]: "aws:kms", ...(keyId !== null && { [`${name}-aws-kms-key-id`]: keyId }) };
    }
    default:
      return encryption satisfies never;
  }
}

/** What every request to a bucket says. */
export function accessHeaders({
  expectedBucketOwner,
  requesterPays,
}: BucketAccess): Record<string, string> {
  return {
    ...(expectedBucketOwner !== undefined && {
      "x-amz-expected-bucket-owner": expectedBucketOwner,
    }),
    ...(requesterPays === true && { "x-amz-request-payer": "requester" }),
  };
}
