import { IconRepeat } from "@tabler/icons-react";
import type { FollowView } from "#shared/follow.ts";
import { useScreenStore } from "../state/screen-store.ts";
import { useFollowStore } from "./follow-store.ts";

/** Which follow keeps a prefix of the place on screen in sync; of several, the first. */
export function followOf(
  follows: readonly FollowView[] | null,
  at: { readonly profileId: string; readonly bucket: string } | null,
  prefix: string,
): FollowView | undefined {
  return follows?.find(
    ({ profileId, bucket, key }) =>
      profileId === at?.profileId && bucket === at.bucket && key === prefix,
  );
}

/** Beside the name of what is kept in sync; nothing beside others. */
export function FollowSign({ prefix }: { readonly prefix: string }) {
  const place = useScreenStore((state) => state.place);
  const isKept = useFollowStore(({ follows }) => followOf(follows, place, prefix) !== undefined);
  if (!isKept) return null;
  return <IconRepeat size={14} role="img" aria-label="Kept in sync" />;
}
