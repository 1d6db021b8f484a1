import type { FollowView } from "#shared/follow.ts";
import type { TransferView } from "#shared/transfer.ts";

type Followed = Pick<FollowView, "profileId" | "bucket" | "key" | "folder">;

/** The transfer that is under way for it now, as far as it is known. */
export function runOf(followed: Followed, views: Iterable<TransferView>): TransferView | undefined {
  for (const view of views) if (isRunOf(followed, view)) return view;
  return undefined;
}

function isRunOf(followed: Followed, { from, to, sync, state }: TransferView): boolean {
  const isOver = state.phase === "done" || state.phase === "failed" || state.phase === "canceled";
  if (isOver || sync === undefined || from.kind !== "s3" || to.kind !== "local") return false;
  const { profileId, bucket, key, folder } = followed;
  const isFrom = from.profileId === profileId && from.bucket === bucket && from.key === key;
  return isFrom && to.path === folder;
}
