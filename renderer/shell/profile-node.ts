import type { Destination } from "#shared/settings.ts";
import { ProfileId } from "#shared/profile.ts";

/** A bucket's value in the tree. No bucket name holds a slash. */
export function bucketNode(profileId: ProfileId, bucket: string): string {
  return `${profileId}/${bucket}`;
}

/** The place of a bucket's node; null for a profile's, and for the line that stands in for buckets. */
export function readNode(value: string): Destination | null {
  const cut = value.lastIndexOf("/");
  const bucket = value.slice(cut + 1);
  if (cut < 1 || bucket === "") return null;
  return { profileId: ProfileId.parse(value.slice(0, cut)), bucket, prefix: "" };
}
