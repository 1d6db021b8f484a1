import { Button } from "@mantine/core";
import { IconAlertTriangle, IconRepeat, IconTerminal2 } from "@tabler/icons-react";
import type { FollowView } from "#shared/follow.ts";
import type { TransferView } from "#shared/transfer.ts";
import { copyText } from "../common/copy-text.ts";
import { EmptyState } from "../common/empty-state.tsx";
import { homePath } from "../common/home-path.ts";
import { useNow } from "../common/use-now.ts";
import { findProfile, useProfileStore } from "../state/profile-store.ts";
import { useStatusStore } from "../state/status-store.ts";
import { useTransferStore } from "../state/transfer-store.ts";
import { useSentence } from "../transfers/use-sentence.ts";
import { followCommand } from "./follow-command.ts";
import { runOf } from "./run-of.ts";
import { everyWords, lastWords, nextWords } from "./follow-words.ts";
import { sourceOf, useStopFollow } from "./use-stop-follow.ts";
import classes from "./follow-list.module.css";

type FollowListProps = {
  /** Null until it is known. */
  readonly follows: readonly FollowView[] | null;
  /** Only those whose source or folder has it. */
  readonly filter: string;
};

/** What is kept in sync with a bucket, how that goes, and the way to stop it. */
export function FollowList({ follows, filter }: FollowListProps) {
  const host = useStatusStore((state) => state.host);
  if (follows === null) return null;
  const text = filter.trim().toLowerCase();
  const shown = follows.filter((one) =>
    `${sourceOf(one)} ${homePath(one.folder, host)}`.toLowerCase().includes(text),
  );
  if (follows.length === 0) {
    return (
      <EmptyState
        title="Nothing is kept in sync"
        text="In the Library, “Keep in sync…” is in the menu of a prefix or a model."
      />
    );
  }
  if (shown.length === 0) return <EmptyState text={`Nothing here matches “${text}”.`} />;
  return (
    <div className={classes.lists}>
      <ul className={classes.rows} aria-label="Kept in sync">
        {shown.map((one) => (
          <Row key={one.id} follow={one} />
        ))}
      </ul>
    </div>
  );
}

function Row({ follow }: { readonly follow: FollowView }) {
  const nowMs = useNow(true);
  const host = useStatusStore((state) => state.host);
  const source = sourceOf(follow);
  const folder = homePath(follow.folder, host);
  const isBad = follow.last !== null && follow.last.error !== null;
  const Icon = isBad ? IconAlertTriangle : IconRepeat;
  const last = lastWords(follow, nowMs);
  return (
    <li className={classes.row} data-trouble={isBad || undefined}>
      <Icon size={18} stroke={1.6} aria-hidden />
      <div className={classes.name}>
        <span className={`${classes.title} lh-cut`} title={source}>
          {source}
        </span>
        <span className="lh-cut" title={folder}>
          to {folder}, {everyWords(follow.everyMs)}
        </span>
      </div>
      <div className={classes.runs}>
        <span className={classes.last} title={last}>
          {last}
        </span>
        <Next follow={follow} nowMs={nowMs} />
      </div>
      <Actions follow={follow} />
    </li>
  );
}

type NextProps = { readonly follow: FollowView; readonly nowMs: number };

/** While it runs, what its transfer says: that may rest, and wait for somebody. */
function Next({ follow, nowMs }: NextProps) {
  const run = useTransferStore((state) => runOf(follow, state.byId.values()));
  const isSaid = follow.isRunning && run !== undefined;
  return (
    <span className={classes.next}>
      {isSaid ? <RunSentence run={run} /> : nextWords(follow, nowMs)}
    </span>
  );
}

function RunSentence({ run }: { readonly run: TransferView }) {
  return <>Runs now. {useSentence(run, false)}</>;
}

function Actions({ follow }: { readonly follow: FollowView }) {
  const stop = useStopFollow();
  const profiles = useProfileStore((state) => state.profiles);
  const profile = findProfile(profiles, follow.profileId)?.profile;
  const source = sourceOf(follow);
  return (
    <div className={classes.actions}>
      {profile && (
        <Button
          size="xs"
          variant="subtle"
          leftSection={<IconTerminal2 size={13} aria-hidden />}
          aria-label={`Copy as command: ${source}`}
          onClick={() => copyText(followCommand({ ...follow, profileName: profile.name }))}
        >
          Copy as command
        </Button>
      )}
      <Button size="xs" w={84} aria-label={`Stop ${source}`} onClick={() => stop(follow)}>
        Stop
      </Button>
    </div>
  );
}
