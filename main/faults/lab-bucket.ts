import type { S3Client } from "@aws-sdk/client-s3";
import {
  AbortMultipartUploadCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { ProfileId } from "#shared/profile.ts";

const Bucket = "lab";

/** Where the rig's profile points. */
export const lab = { profileId: ProfileId.parse("lab"), bucket: Bucket };

type Rig = { readonly s3: S3Client };

/** What another program sees in the lab's bucket, and does to it. */
export async function hasObject({ s3 }: Rig, Key: string): Promise<boolean> {
  try {
    await s3.send(new HeadObjectCommand({ Bucket, Key }));
    return true;
  } catch (error) {
    if (error instanceof S3ServiceException && error.name === "NotFound") return false;
    throw error;
  }
}

/** Metadata of an object, by name without `x-amz-meta-`. */
export async function metadataOf({ s3 }: Rig, Key: string): Promise<Record<string, string>> {
  return (await s3.send(new HeadObjectCommand({ Bucket, Key }))).Metadata ?? {};
}

export async function keysUnder({ s3 }: Rig, Prefix: string): Promise<string[]> {
  const command = new ListObjectsV2Command({ Bucket, Prefix, EncodingType: "url" });
  const { Contents = [] } = await s3.send(command);
  return Contents.map(({ Key = "" }) => decodeURIComponent(Key.replaceAll("+", " ")));
}

/** Ids of the unfinished uploads of a key. */
export async function uploadsOf({ s3 }: Rig, key: string): Promise<string[]> {
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: key }));
  return Uploads.flatMap(({ Key, UploadId }) => (Key === key && UploadId ? [UploadId] : []));
}

/** As a lifecycle rule does. */
export async function purgeUploads(rig: Rig, Key: string): Promise<void> {
  for (const UploadId of await uploadsOf(rig, Key)) {
    await rig.s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
  }
}
