import { z } from "zod";

/** What may stand in a header as it is: printable ASCII, no space at either end. */
const HeaderText = z
  .string()
  .max(1024)
  .regex(/^[!-~]([ -~]*[!-~])?$/, "only printable ASCII, without spaces at its ends");

/** S3's own bounds: 2 KB of user metadata, ten tags of 128 and 256 characters. */
const MAX_METADATA_BYTES = 2048;
const MAX_TAGS = 10;
/** Longhaul's own name, by which the ETag of a multipart upload is proven later. */
export const PART_SIZE_METADATA = "longhaul-part-size";

/** User metadata: names in lower case, without the `x-amz-meta-` of their headers. */
export const ObjectMetadata = z
  .record(
    z
      .string()
      .max(128)
      .regex(/^[a-z0-9!#$%&'*+.^_`|~-]+$/, "a metadata name is lower case letters, digits, - _ ."),
    HeaderText,
  )
  .refine((given) => !Object.hasOwn(given, PART_SIZE_METADATA), {
    error: `the metadata name ${PART_SIZE_METADATA} is Longhaul's own`,
  })
  .refine((given) => JSON.stringify(given).length <= MAX_METADATA_BYTES, {
    error: "S3 keeps 2 KB of metadata at most",
  });
export type ObjectMetadata = z.infer<typeof ObjectMetadata>;

export const ObjectTags = z
  .record(z.string().min(1).max(128), z.string().max(256))
  .refine((given) => Object.keys(given).length <= MAX_TAGS, {
    error: `S3 keeps ${MAX_TAGS} tags at most`,
  });
export type ObjectTags = z.infer<typeof ObjectTags>;

/** How the server encrypts an object that it keeps; `none` asks for nothing: the bucket's default holds. */
export const Encryption = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("none") }),
  z.strictObject({ kind: z.literal("s3") }),
  /** Null is the account's own key for S3. The id names a key, it is none. */
  z.strictObject({ kind: z.literal("kms"), keyId: HeaderText.nullable() }),
]);
export type Encryption = z.infer<typeof Encryption>;

/** What an upload says of its objects besides their bytes. What is absent is not asked for. */
export const ObjectOptions = z.strictObject({
  /** Absent: by the ending of the name. */
  contentType: HeaderText.optional(),
  cacheControl: HeaderText.optional(),
  metadata: ObjectMetadata.optional(),
  tags: ObjectTags.optional(),
  /** As S3 writes it: `STANDARD_IA`. */
  storageClass: z
    .string()
    .max(64)
    .regex(/^[A-Z][A-Z0-9_]*$/, "a storage class is written in capitals: STANDARD_IA")
    .optional(),
  encryption: Encryption.optional(),
  /** Keep the file's permissions with the object, in rclone's form. */
  preserveMode: z.boolean().optional(),
});
export type ObjectOptions = z.infer<typeof ObjectOptions>;

/** What every request to a bucket says; absent is not said. */
export const BucketAccess = z.strictObject({
  /** The account that must own the bucket; requests to another's bucket are refused. */
  expectedBucketOwner: z
    .string()
    .regex(/^[\w+=,.@:$-]{1,128}$/, "an owner is the 12 digits of an account")
    .optional(),
  /** The requester agrees to pay for requests and traffic of a bucket that asks for it. */
  requesterPays: z.boolean().optional(),
});
export type BucketAccess = z.infer<typeof BucketAccess>;

/** A transfer's own options over its profile's; metadata and tags are joined, by name. */
export function mergeObjectOptions(
  defaults: ObjectOptions | undefined,
  own: ObjectOptions | undefined,
): ObjectOptions {
  const merged = { ...defaults, ...own };
  const metadata = { ...defaults?.metadata, ...own?.metadata };
  const tags = { ...defaults?.tags, ...own?.tags };
  return {
    ...merged,
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...(Object.keys(tags).length > 0 && { tags }),
  };
}
