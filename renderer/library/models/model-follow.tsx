import { Switch } from "@mantine/core";
import type { FollowView } from "#shared/follow.ts";
import { homePath } from "../../common/home-path.ts";
import { useNow } from "../../common/use-now.ts";
import { followOf } from "../../follows/follow-sign.tsx";
import { useFollowStore } from "../../follows/follow-store.ts";
import { everyWords, lastWords } from "../../follows/follow-words.ts";
import { useStopFollow } from "../../follows/use-stop-follow.ts";
import { useScreenStore } from "../../state/screen-store.ts";
import { useStatusStore } from "../../state/status-store.ts";
import { DetailSection } from "../../transfers/detail/detail-section.tsx";
import type { ModelRow } from "./model-rows.ts";
import { canFollow } from "./model-rows.ts";
import { useModelActions } from "./use-model-actions.ts";

/** Whether a model is kept in sync; switched on by the dialog that asks where and how often. */
export function ModelFollow({ row }: { readonly row: ModelRow }) {
  const act = useModelActions();
  const stop = useStopFollow();
  const place = useScreenStore((state) => state.place);
  const follow = useFollowStore(({ follows }) => followOf(follows, place, row.model.prefix));
  const isKnown = useFollowStore(({ follows }) => follows !== null);
  if (!canFollow(row) || !isKnown) return null;
  return (
    <DetailSection title="Keep in sync">
      <Switch
        size="xs"
        checked={follow !== undefined}
        label={follow ? `Followed, ${everyWords(follow.everyMs)}` : "Follow this model…"}
        description={
          follow ? (
            <FollowWords follow={follow} />
          ) : (
            "Fetches what changed, under the limits of the schedule. Deletes nothing."
          )
        }
        onChange={() => (follow ? stop(follow) : act(row, "follow"))}
      />
    </DetailSection>
  );
}

function FollowWords({ follow }: { readonly follow: FollowView }) {
  const nowMs = useNow(false);
  const host = useStatusStore((state) => state.host);
  return (
    <>
      To {homePath(follow.folder, host)}. {lastWords(follow, nowMs)}.
    </>
  );
}
