import { TextInput } from "@mantine/core";
import type { TargetFolder } from "./target-folder.ts";
import { TargetSelect } from "./target-select.tsx";
import classes from "./library-dialog.module.css";

type FolderBelowProps = {
  readonly targets: readonly TargetFolder[];
  readonly name: string;
  readonly onName: (name: string) => void;
};

/** A folder by its name, in one of those that are chosen from. */
export function FolderBelow({ targets, name, onName }: FolderBelowProps) {
  return (
    <div className={classes.into}>
      <TargetSelect targets={targets} label="In" />
      <TextInput
        label="Folder"
        className={classes.grow ?? ""}
        value={name}
        onChange={(event) => onName(event.currentTarget.value)}
        error={isFolderName(name) ? null : "A name of one folder, without slashes."}
        data-autofocus
      />
    </div>
  );
}

export function isFolderName(name: string): boolean {
  const plain = name.trim();
  return plain !== "" && plain !== "." && plain !== ".." && !/[/\\]/.test(plain);
}
