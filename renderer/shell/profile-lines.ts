import type { ProfileView } from "#shared/contract.ts";
import type { Destination } from "#shared/settings.ts";
import { explainError } from "#shared/error-words.ts";
import { ProfileId } from "#shared/profile.ts";
import type { BucketList } from "../state/bucket-store.ts";
import type { TreeLine } from "./tree-step.ts";

export type ProfileLine = TreeLine & {
  readonly label: string;
  /** Of a profile's own line. */
  readonly view?: ProfileView;
};

/** The tree as lines: each profile, and below an open one its buckets, or what stands in for them. */
export function profileLines(
  profiles: readonly ProfileView[],
  buckets: ReadonlyMap<ProfileId, BucketList>,
  open: ReadonlySet<string>,
): readonly ProfileLine[] {
  return profiles.flatMap((view) => {
    const { id, name } = view.profile;
    const isOpen = open.has(id);
    const line: ProfileLine = { value: id, level: 1, isOpen, label: name, view };
    return isOpen ? [line, ...bucketLines(id, buckets.get(id))] : [line];
  });
}

function bucketLines(id: ProfileId, list: BucketList | undefined): readonly ProfileLine[] {
  const stand = (label: string): ProfileLine => ({
    value: `${id}/`,
    level: 2,
    isOpen: null,
    label,
  });
  if (!list || list.phase === "loading") return [stand("Looking…")];
  if (list.phase === "failed") return [stand(explainError(list.error).what)];
  if (list.buckets.length === 0) return [stand("No buckets")];
  return list.buckets.map((bucket) => ({
    value: bucketNode(id, bucket),
    level: 2,
    isOpen: null,
    label: bucket,
  }));
}

/** A bucket's value in the tree. No bucket name holds a slash. */
export function bucketNode(profileId: ProfileId, bucket: string): string {
  return `${profileId}/${bucket}`;
}

/** The place of a bucket's line; null for a profile's, and for the line that stands in for buckets. */
export function readNode(value: string): Destination | null {
  const cut = value.lastIndexOf("/");
  const bucket = value.slice(cut + 1);
  if (cut < 1 || bucket === "") return null;
  return { profileId: ProfileId.parse(value.slice(0, cut)), bucket, prefix: "" };
}
