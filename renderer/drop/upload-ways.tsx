import { useId } from "react";
import { Input, SegmentedControl, Select } from "@mantine/core";
import { PackFormat } from "#shared/archive.ts";
import type { ConflictRule } from "#shared/transfer.ts";
import classes from "./upload-sheet.module.css";

type UploadWaysProps = {
  /** It is one folder. */
  readonly canPack: boolean;
  /** Only this page has it. */
  readonly isOfPage: boolean;
  /** Null: file by file. */
  readonly archive: PackFormat | null;
  readonly onConflict: ConflictRule;
  readonly onArchive: (archive: PackFormat | null) => void;
  readonly onRule: (rule: ConflictRule) => void;
};

/** Whether a folder goes as files or as one archive, and what happens where a key is taken. */
export function UploadWays({ canPack, isOfPage, archive, ...rest }: UploadWaysProps) {
  const { onConflict, onArchive, onRule } = rest;
  return (
    <>
      <div className={classes.ways}>
        {canPack && <SendAs archive={archive} onArchive={onArchive} />}
        <Select
          w={230}
          label="If a key is taken"
          data={rulesFor(archive)}
          value={onConflict}
          onChange={(rule) => rule && onRule(rule)}
          allowDeselect={false}
        />
      </div>
      {archive !== null && (
        <p className={classes.preview}>
          {isOfPage
            ? "The files go to the host first, and after an interruption go on. Then they are packed as they are sent: after an interruption that begins anew."
            : "Packed as it is sent. After an interruption an archive cannot go on: it begins anew."}
        </p>
      )}
    </>
  );
}

type Rule = { readonly value: ConflictRule; readonly label: string };

/** An archive is made as it is sent: before, nobody knows whether it would be identical. */
function rulesFor(archive: PackFormat | null): readonly Rule[] {
  return [
    { value: "ask", label: archive === null ? "Skip if identical, else ask" : "Ask" },
    { value: "replace", label: "Replace" },
    { value: "keep-both", label: "Keep both" },
    { value: "skip", label: "Skip" },
  ];
}

const FILES = "files";

function SendAs({ archive, onArchive }: Pick<UploadWaysProps, "archive" | "onArchive">) {
  const id = useId();
  return (
    <div>
      <Input.Label id={id} labelElement="div">
        Send as
      </Input.Label>
      <SegmentedControl
        className={classes.formats ?? ""}
        aria-labelledby={id}
        value={archive ?? FILES}
        onChange={(value) => onArchive(PackFormat.options.find((one) => one === value) ?? null)}
        data={[
          { value: FILES, label: "Files" },
          ...PackFormat.options.map((one) => ({ value: one, label: `.${one}` })),
        ]}
      />
    </div>
  );
}
