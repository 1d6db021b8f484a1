import { useEffect, useRef, useState } from "react";
import type { KeyboardEvent } from "react";
import { Tooltip } from "@mantine/core";
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
import { useClient } from "../host/host.ts";
import { loadBuckets, useBucketStore } from "../state/bucket-store.ts";
import { useProfileStore } from "../state/profile-store.ts";
import { useScreenStore } from "../state/screen-store.ts";
import type { ProfileLine } from "./profile-lines.ts";
import { bucketNode, profileLines, readNode } from "./profile-lines.ts";
import { moveInTree } from "./tree-step.ts";
import classes from "./profile-tree.module.css";

const NONE: readonly ProfileView[] = [];

/** Profiles and their buckets, on every screen: a place to go. One tab stop. */
export function ProfileTree() {
  const profiles = useProfileStore((state) => state.profiles) ?? NONE;
  const buckets = useBucketStore((state) => state.byProfile);
  const { open, toggle } = useOpenProfiles(profiles);
  const tree = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState("");
  const shown = useShownBucket();
  const showPlace = useScreenStore((state) => state.showPlace);
  const lines = profileLines(profiles, buckets, open);
  const at = Math.max(
    0,
    lines.findIndex(({ value }) => value === active),
  );

  function pick(value: string): void {
    setActive(value);
    const place = readNode(value);
    if (place) showPlace(place);
    else toggle(value);
  }

  function onKeyDown(event: KeyboardEvent): void {
    const move = moveInTree(event.key, lines, at);
    if (move === null) return;
    event.preventDefault();
    if (move.kind === "pick") pick(move.value);
    else if (move.kind === "toggle") toggle(move.value);
    else {
      setActive(move.value);
      const index = lines.findIndex(({ value }) => value === move.value);
      tree.current?.querySelectorAll<HTMLElement>('[role="treeitem"]')[index]?.focus();
    }
  }

  if (lines.length === 0) return null;
  return (
    <div ref={tree} role="tree" aria-label="Profiles" onKeyDown={onKeyDown}>
      {lines.map((line, index) => (
        <TreeItem
          key={line.value}
          line={line}
          isShown={line.value === shown}
          isTabStop={index === at}
          onPick={() => pick(line.value)}
        />
      ))}
    </div>
  );
}

/**
 * Which profiles are open; opening one asks for its buckets. The practice profile is open at first,
 * and one opens when a bucket of it comes on screen, however it was come to.
 */
function useOpenProfiles(profiles: readonly ProfileView[]) {
  const client = useClient();
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const [revealed, setRevealed] = useState<string | null>(null);
  const visited = useScreenStore(({ place }) => (place?.bucket ? place.profileId : null));
  const open = new Set(
    profiles
      .filter(({ profile }) => (profile.preset === "practice") !== toggled.has(profile.id))
      .map(({ profile }) => profile.id),
  );
  const profileOf = (id: string | null) =>
    profiles.find(({ profile }) => profile.id === id)?.profile;
  const flip = (id: string) =>
    setToggled(toggled.has(id) ? without(toggled, id) : new Set([...toggled, id]));
  const arrived = profileOf(visited);
  if (arrived && visited !== revealed) {
    setRevealed(visited);
    if (!open.has(arrived.id)) flip(arrived.id);
  }
  useEffect(() => {
    const isKnown = arrived && useBucketStore.getState().byProfile.has(arrived.id);
    if (arrived && !isKnown) void loadBuckets(client, arrived);
  }, [client, arrived]);
  const toggle = (id: string) => {
    const profile = profileOf(id);
    if (!profile) return;
    if (!open.has(profile.id)) void loadBuckets(client, profile);
    flip(id);
  };
  return { open, toggle };
}

function without(values: ReadonlySet<string>, one: string): ReadonlySet<string> {
  return new Set([...values].filter((value) => value !== one));
}

function useShownBucket(): string | null {
  return useScreenStore(({ screen, place }) =>
    screen === "library" && place ? bucketNode(place.profileId, place.bucket) : null,
  );
}

type TreeItemProps = {
  readonly line: ProfileLine;
  readonly isShown: boolean;
  readonly isTabStop: boolean;
  readonly onPick: () => void;
};

function TreeItem({ line, isShown, isTabStop, onPick }: TreeItemProps) {
  return (
    <div
      role="treeitem"
      aria-level={line.level}
      aria-expanded={line.isOpen ?? undefined}
      aria-selected={isShown}
      tabIndex={isTabStop ? 0 : -1}
      className={`${classes.node} lh-focus-inside`}
      data-selected={isShown || undefined}
      data-bucket={line.level === 2 || undefined}
      onClick={onPick}
    >
      {line.isOpen !== null && (
        <IconChevronRight
          className={classes.chevron}
          size={12}
          data-open={line.isOpen || undefined}
          aria-hidden
        />
      )}
      <LineIcon line={line} />
      <span className="lh-cut" title={line.label}>
        {line.label}
      </span>
      {line.view?.problem && (
        <Tooltip label={explainError(line.view.problem).what}>
          <IconAlertTriangle
            className={classes.signedOut}
            size={14}
            role="img"
            aria-label={explainError(line.view.problem).what}
          />
        </Tooltip>
      )}
    </div>
  );
}

function LineIcon({ line }: { readonly line: ProfileLine }) {
  const look = { className: classes.icon, size: 15, stroke: 1.6, "aria-hidden": true };
  if (!line.view) return readNode(line.value) ? <IconBucket {...look} /> : null;
  const { preset, endpoint } = line.view.profile;
  if (preset === "practice") return <IconSchool {...look} />;
  return endpoint.kind === "aws" ? <IconCloud {...look} /> : <IconServer2 {...look} />;
}
