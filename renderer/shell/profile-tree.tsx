import { useEffect } from "react";
import type { RenderTreeNodePayload, TreeNodeData } from "@mantine/core";
import { Tooltip, Tree, useTree } from "@mantine/core";
import {
  IconAlertTriangle,
  IconBucket,
  IconChevronRight,
  IconCloud,
  IconSchool,
  IconServer2,
} from "@tabler/icons-react";
import type { ProfileView } from "#shared/contract.ts";
import { explainError } from "#shared/error-words.ts";
import type { BucketList } from "../state/bucket-store.ts";
import { useClient } from "../host/host.ts";
import { loadBuckets, useBucketStore } from "../state/bucket-store.ts";
import { useProfileStore } from "../state/profile-store.ts";
import { useScreenStore } from "../state/screen-store.ts";
import { bucketNode, readNode } from "./profile-node.ts";
import classes from "./profile-tree.module.css";

const NONE: readonly ProfileView[] = [];

/** Profiles and their buckets, on every screen: a place to go. */
export function ProfileTree() {
  const client = useClient();
  const profiles = useProfileStore((state) => state.profiles) ?? NONE;
  const buckets = useBucketStore((state) => state.byProfile);
  const place = useScreenStore((state) => state.place);
  const isLibrary = useScreenStore((state) => state.screen === "library");
  const tree = useTree({
    onNodeExpand: (value) => {
      const view = profiles.find(({ profile }) => profile.id === value);
      if (view) void loadBuckets(client, view.profile);
    },
  });
  const { expand } = tree;
  const practice = profiles.find(({ profile }) => profile.preset === "practice")?.profile;
  useEffect(() => {
    // Its buckets are on this machine: showing them costs nobody a request.
    if (practice) {
      expand(practice.id);
      void loadBuckets(client, practice);
    }
  }, [practice, client, expand]);
  const shown = place && isLibrary ? bucketNode(place.profileId, place.bucket) : null;
  return (
    <Tree
      tree={tree}
      data={profiles.map((view) => nodeOf(view, buckets.get(view.profile.id)))}
      levelOffset={0}
      aria-label="Profiles"
      renderNode={(payload) => <ProfileNode payload={payload} shown={shown} />}
    />
  );
}

/** A profile that nobody has opened yet has one child that says so: without one it could not be opened. */
function nodeOf({ profile }: ProfileView, list: BucketList | undefined): TreeNodeData {
  const children =
    list?.phase === "ready"
      ? list.buckets.map((bucket) => ({ value: bucketNode(profile.id, bucket), label: bucket }))
      : [{ value: `${profile.id}/`, label: wordsOfList(list) }];
  return { value: profile.id, label: profile.name, children };
}

function wordsOfList(list: BucketList | undefined): string {
  return list?.phase === "failed" ? explainError(list.error).what : "Looking…";
}

type ProfileNodeProps = { readonly payload: RenderTreeNodePayload; readonly shown: string | null };

function ProfileNode({ payload, shown }: ProfileNodeProps) {
  const { node, hasChildren, expanded, elementProps } = payload;
  const showPlace = useScreenStore((state) => state.showPlace);
  const view = useProfileStore((state) =>
    state.profiles?.find(({ profile }) => profile.id === node.value),
  );
  const place = readNode(node.value);
  const Icon = hasChildren ? iconOf(view) : IconBucket;
  return (
    <div
      {...elementProps}
      className={classes.node}
      data-selected={node.value === shown || undefined}
      data-bucket={!hasChildren || undefined}
      onClick={(event) => {
        elementProps.onClick(event);
        if (place) showPlace(place);
      }}
    >
      {hasChildren && (
        <IconChevronRight className={classes.chevron} size={12} data-open={expanded || undefined} />
      )}
      {(hasChildren || place) && <Icon className={classes.icon} size={15} stroke={1.6} />}
      <span className="lh-cut">{node.label}</span>
      {view?.problem && (
        <Tooltip label={explainError(view.problem).what}>
          <IconAlertTriangle
            className={classes.signedOut}
            size={14}
            role="img"
            aria-label={explainError(view.problem).what}
          />
        </Tooltip>
      )}
    </div>
  );
}

function iconOf(view: ProfileView | undefined) {
  if (view?.profile.preset === "practice") return IconSchool;
  return view?.profile.endpoint.kind === "aws" ? IconCloud : IconServer2;
}
