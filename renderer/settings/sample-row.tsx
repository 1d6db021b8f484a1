import { TransferId } from "#shared/transfer.ts";
import type { TransferView } from "#shared/transfer.ts";
import { ProfileId } from "#shared/profile.ts";
import { useDesignPixel } from "../common/use-design-pixel.ts";
import { useSettings } from "../state/settings-store.ts";
import type { ListRow } from "../transfers/list-layout.ts";
import { rowHeight } from "../transfers/list-measure.ts";
import { DrawnRow } from "../transfers/transfer-row.tsx";
import classes from "./appearance-page.module.css";

const id = TransferId.parse("00000000-0000-4000-8000-000000000000");
const ROW: ListRow = { id, isAsking: false, isAskedAbove: false, isNext: false };

/** What density, text size and units do to a row, seen beside them. A picture: nothing in it acts. */
export function SampleRow() {
  const { density, downloadFolder } = useSettings();
  const height = rowHeight(ROW, density, useDesignPixel());
  return (
    <div className={classes.sampleRow} data-density={density} style={{ height }} inert>
      <DrawnRow
        view={sampleView(downloadFolder)}
        row={ROW}
        rowIndex={1}
        top={0}
        height={height}
        isTabStop={false}
        isSelected={false}
      />
    </div>
  );
}

function sampleView(folder: string): TransferView {
  return {
    id,
    direction: "download",
    name: "Llama-3.1-70B-Instruct",
    from: {
      kind: "s3",
      profileId: ProfileId.parse("sample"),
      profileName: "sample",
      bucket: "company-models",
      key: "Llama-3.1-70B-Instruct",
    },
    to: { kind: "local", path: folder },
    state: { phase: "running", activity: { kind: "moving" } },
    doneBytes: 19.6e9,
    keptBytes: 5.1e9,
    inFlightBytes: 0.5e9,
    totalBytes: 42.5e9,
    isListing: false,
    itemCount: 1,
    doneItemCount: 0,
    failedItemCount: 0,
    skippedItemCount: 0,
    askingItemCount: 0,
    bytesPerSecond: 95.8e6,
    secondsLeft: 240,
    movedTwiceBytes: 0,
    resumedAtBytes: null,
    rung: null,
    capBytesPerSecond: null,
    createdAtMs: 0,
    startedAtMs: 0,
    activeMs: 0,
    position: 0,
  };
}
