import { useId, useState } from "react";
import { Input, SegmentedControl } from "@mantine/core";
import type { Destination } from "#shared/settings.ts";
import { copyText } from "../common/copy-text.ts";
import { homePath } from "../common/home-path.ts";
import { joinPath } from "../common/join-path.ts";
import { useClient } from "../host/host.ts";
import { notifyTrouble } from "../host/use-act.ts";
import { commandWhere } from "../library/command-where.ts";
import { FolderBelow, isFolderName } from "../library/folder-below.tsx";
import { LibraryDialog } from "../library/library-dialog.tsx";
import { lastPart } from "../library/library-place.ts";
import type { TargetFolder } from "../library/target-folder.ts";
import { useNoticeStore } from "../state/notice-store.ts";
import { useStatusStore } from "../state/status-store.ts";
import { followCommand } from "./follow-command.ts";
import { loadFollows } from "./follow-store.ts";
import { everyWords, INTERVALS } from "./follow-words.ts";
import classes from "../library/library-dialog.module.css";

type FollowDialogProps = {
  /** The prefix, or the whole bucket. */
  readonly place: Destination;
  readonly targets: readonly TargetFolder[];
};

/** Keeps a folder as a prefix is, on an interval. */
export function FollowDialog({ place, targets }: FollowDialogProps) {
  const { bucket, prefix } = place;
  const host = useStatusStore((state) => state.host);
  const source = prefix === "" ? bucket : lastPart(prefix);
  const [name, setName] = useState(source);
  const [everyMs, setEvery] = useState<number>(INTERVALS[1].everyMs);
  const follow = useFollow();
  const [target] = targets;
  const folder = target ? joinPath(target.path, name.trim(), host) : "";
  const copy = () => {
    const { profileName } = commandWhere();
    const all = { include: [], exclude: [] };
    copyText(followCommand({ bucket, key: prefix, folder, everyMs, profileName, ...all }));
  };
  return (
    <LibraryDialog
      title={`Keep ${source} in sync`}
      action="Keep in sync"
      onAct={() => follow(place, folder, everyMs)}
      onCopy={copy}
      isReady={target !== undefined && isFolderName(name)}
    >
      <FolderBelow targets={targets} name={name} onName={setName} />
      <Every everyMs={everyMs} onChange={setEvery} />
      <p className={classes.line}>
        {homePath(folder, host)} gets what is under s3://{bucket}/{prefix}, now and{" "}
        {everyWords(everyMs)}. A file there that differs is replaced, also one that was changed
        here. Nothing is deleted.
      </p>
    </LibraryDialog>
  );
}

type EveryProps = { readonly everyMs: number; readonly onChange: (everyMs: number) => void };

function Every({ everyMs, onChange }: EveryProps) {
  const id = useId();
  return (
    <div className={classes.every}>
      <Input.Label id={id} labelElement="div">
        Every
      </Input.Label>
      <SegmentedControl
        display="flex"
        w="fit-content"
        aria-labelledby={id}
        value={`${everyMs}`}
        onChange={(value) => onChange(Number(value))}
        data={INTERVALS.map(({ everyMs: value, label }) => ({ value: `${value}`, label }))}
      />
    </div>
  );
}

function useFollow() {
  const client = useClient();
  const host = useStatusStore((state) => state.host);
  return ({ profileId, bucket, prefix }: Destination, folder: string, everyMs: number) => {
    const request = { profileId, bucket, key: prefix, folder: { path: folder }, everyMs };
    client.call("follow.set", request).then(async () => {
      const text = `${homePath(folder, host)} is kept in sync, ${everyWords(everyMs)}. See Cache.`;
      useNoticeStore.getState().notify(text);
      await loadFollows(client);
    }, notifyTrouble);
  };
}
