import { useState } from "react";
import { Button } from "@mantine/core";
import type { FolderEntry, FolderPage, Picked } from "#shared/contract.ts";
import type { ErrorInfo } from "#shared/errors.ts";
import { EnterKey } from "../common/enter-key.tsx";
import { TroubleNote } from "../common/trouble-note.tsx";
import { useFormats } from "../common/use-formats.ts";
import { useSpace } from "../library/use-space.ts";
import { EntryTable } from "./entry-table.tsx";
import { PathBar } from "./path-bar.tsx";
import { chooseLabel, pickedOf, useFolderRef } from "./folder-choice.ts";
import type { PickKind } from "./folder-store.ts";
import classes from "./folder-view.module.css";

type FolderViewProps = {
  readonly kind: PickKind;
  readonly page: FolderPage | null;
  readonly error: ErrorInfo | null;
  readonly go: (path: string) => void;
  readonly onAnswer: (picked: readonly Picked[]) => void;
};

/** One folder's content, the way to others, and the choice. */
export function FolderView({ kind, page, error, go, onAnswer }: FolderViewProps) {
  const [ticked, setTicked] = useState<ReadonlyMap<string, FolderEntry>>(new Map());
  const picked = pickedOf(kind, page, ticked);
  const choose = () => {
    if (picked.length > 0) onAnswer(picked);
  };
  const tick = (entries: readonly FolderEntry[], isTicked: boolean) =>
    setTicked((before) => {
      const next = new Map(before);
      for (const entry of entries) {
        if (isTicked) next.set(entry.path, entry);
        else next.delete(entry.path);
      }
      return next;
    });
  const entries = (page?.entries ?? []).filter(
    (entry) => kind === "files" || entry.kind === "folder",
  );
  return (
    <>
      <PathBar page={page} canMake={kind === "folder"} go={go} />
      <div className={classes.list}>
        {error ? (
          <TroubleNote error={error} />
        ) : (
          <EntryTable
            key={page?.path}
            label={page?.path ?? ""}
            entries={entries}
            {...(kind === "files" && { ticked, onTick: tick })}
            onOpen={go}
            onChoose={choose}
          />
        )}
      </div>
      <FolderFoot
        kind={kind}
        page={page}
        label={chooseLabel(kind, page, ticked.size)}
        canChoose={picked.length > 0}
        onChoose={choose}
        onCancel={() => onAnswer([])}
      />
    </>
  );
}

type FolderFootProps = {
  readonly kind: PickKind;
  readonly page: FolderPage | null;
  readonly label: string;
  readonly canChoose: boolean;
  readonly onChoose: () => void;
  readonly onCancel: () => void;
};

function FolderFoot({ kind, page, label, canChoose, onChoose, onCancel }: FolderFootProps) {
  const formats = useFormats();
  const space = useSpace(useFolderRef(kind === "folder" ? page?.path : undefined));
  const usable = space && Math.max(0, space.freeBytes - space.reservedBytes);
  return (
    <div className={classes.foot}>
      <span className={`${classes.note} lh-number`}>
        {page?.isCut && `The first ${page.entries.length.toLocaleString("en")} are shown. `}
        {usable !== null && `${formats.bytes(usable)} can be used`}
      </span>
      <Button size="md" onClick={onCancel}>
        Cancel
      </Button>
      <Button
        size="md"
        variant="filled"
        rightSection={kind === "files" ? <EnterKey /> : undefined}
        disabled={!canChoose}
        onClick={onChoose}
      >
        {label}
      </Button>
    </div>
  );
}
