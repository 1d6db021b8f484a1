import type { FollowView } from "#shared/follow.ts";
import { useClient } from "../host/host.ts";
import { notifyTrouble } from "../host/use-act.ts";
import { useNoticeStore } from "../state/notice-store.ts";
import { loadFollows } from "./follow-store.ts";

/** Ends keeping something in sync, and says so. */
export function useStopFollow(): (follow: Pick<FollowView, "id" | "bucket" | "key">) => void {
  const client = useClient();
  const notify = useNoticeStore((state) => state.notify);
  return (follow) => {
    client.call("follow.remove", { id: follow.id }).then(async () => {
      notify(`${sourceOf(follow)} is no longer kept in sync. The files stay as they are.`);
      await loadFollows(client);
    }, notifyTrouble);
  };
}

export function sourceOf({ bucket, key }: Pick<FollowView, "bucket" | "key">): string {
  return `${bucket}/${key}`;
}
