import { SegmentedControl, Select } from "@mantine/core";
import type { CacheFolder } from "#shared/cache.ts";
import { homePath } from "../common/home-path.ts";
import { SizeField } from "../common/size-field.tsx";
import { useFormats } from "../common/use-formats.ts";
import { useStatusStore } from "../state/status-store.ts";
import type { Preset } from "./free-goal.ts";
import classes from "./free-sheet.module.css";

type FreeTargetProps = {
  readonly folders: readonly CacheFolder[];
  /** Null is all of them. */
  readonly folder: string | null;
  readonly freeBytes: number | null;
  readonly mostBytes: number;
  readonly presets: readonly Preset[];
  readonly onFolder: (folder: string | null) => void;
  readonly onWant: (bytes: number | null) => void;
};

const ALL = "all";

/** How much, and where. */
export function FreeTarget(props: FreeTargetProps) {
  const { folders, folder, freeBytes, mostBytes, presets, onFolder, onWant } = props;
  const { bytes } = useFormats();
  const host = useStatusStore((state) => state.host);
  const there = folders.filter(({ isThere }) => isThere);
  return (
    <div className={classes.target}>
      <span className={classes.label}>Free at least</span>
      {presets.length > 0 && (
        <SegmentedControl
          aria-label="How much"
          data={presets.map((preset) => ({ value: String(preset.bytes), label: preset.label }))}
          value={String(freeBytes)}
          onChange={(value) => onWant(Number(value))}
        />
      )}
      {presets.length > 0 && (
        <SizeField
          label="Another amount"
          bytes={freeBytes}
          placeholder="50 GB"
          width={124}
          isNeeded
          onCommit={onWant}
        />
      )}
      <span className={`${classes.most} lh-number`}>at most {bytes(mostBytes)}</span>
      {there.length > 1 && (
        <Select
          aria-label="Where"
          className={classes.where ?? ""}
          data={[
            { value: ALL, label: "In all cache folders" },
            ...there.map(({ path }) => ({ value: path, label: homePath(path, host) })),
          ]}
          value={folder ?? ALL}
          onChange={(value) => onFolder(value === ALL ? null : value)}
          allowDeselect={false}
        />
      )}
    </div>
  );
}
