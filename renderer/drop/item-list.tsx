import { ActionIcon, Loader } from "@mantine/core";
import { IconFile, IconFolder, IconX } from "@tabler/icons-react";
import type { ItemMeasure, Measures } from "./use-measures.ts";
import type { UploadItem } from "./upload-plan.ts";
import { useFormats } from "../common/use-formats.ts";
import { leaveOut } from "./drop-store.ts";
import { sumMeasures } from "./sum-measures.ts";
import { counted } from "./upload-plan.ts";
import { LISTED_AT_MOST } from "./use-measures.ts";
import classes from "./upload-sheet.module.css";

type ItemListProps = { readonly items: readonly UploadItem[]; readonly measures: Measures };

/** What will be uploaded, with sizes as they become known. */
export function ItemList({ items, measures }: ItemListProps) {
  const formats = useFormats();
  const rest = items.length - LISTED_AT_MOST;
  const sum = sumMeasures(items, measures);
  return (
    <div className={classes.items}>
      <ul className={classes.lines} aria-label="To upload">
        {items.slice(0, LISTED_AT_MOST).map((item, at) => (
          <ItemLine key={`${at} ${item.name}`} item={item} measure={measures.ofItem.get(item)} />
        ))}
        {rest > 0 && (
          <li>
            <span className={classes.note}>and {rest.toLocaleString("en")} more</span>
          </li>
        )}
      </ul>
      <div className={classes.total} role="status">
        {!sum.isOver && <Loader size={12} color="gray" aria-hidden />}
        <span className={`${classes.size} lh-number`}>
          {sum.isCut ? "over " : ""}
          {formats.bytes(sum.sizeBytes)} in {counted(sum.files, "file")}
        </span>
        <span className={classes.hole} />
      </div>
    </div>
  );
}

type ItemLineProps = {
  readonly item: UploadItem;
  readonly measure: ItemMeasure | undefined;
};

function ItemLine({ item, measure }: ItemLineProps) {
  const formats = useFormats();
  const Symbol = item.kind === "folder" ? IconFolder : IconFile;
  return (
    <li>
      <Symbol
        size={16}
        stroke={1.6}
        aria-label={item.kind === "folder" ? "Folder" : "File"}
        role="img"
      />
      <span className={`${classes.name} lh-cut`} title={item.name}>
        {item.name}
      </span>
      {item.kind === "folder" && measure && (
        <span className={`${classes.note} lh-number`}>{counted(measure.files, "file")}</span>
      )}
      <span className={`${classes.size} lh-number`}>
        {measure && formats.bytes(measure.sizeBytes)}
      </span>
      <ActionIcon size="xs" aria-label={`Leave out ${item.name}`} onClick={() => leaveOut(item)}>
        <IconX size={13} />
      </ActionIcon>
    </li>
  );
}
