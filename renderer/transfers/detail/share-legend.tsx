import type { TransferView } from "#shared/transfer.ts";
import { percentOf } from "../../common/byte-figures.ts";
import { useFormats } from "../../common/use-formats.ts";
import classes from "./share-legend.module.css";

type LegendRow = {
  readonly part: "kept" | "moved" | "flight";
  readonly label: string;
  readonly bytes: number;
};

/** The bar in words and numbers. */
export function ShareLegend({ view }: { readonly view: TransferView }) {
  const formats = useFormats();
  return (
    <dl className={classes.legend}>
      {legendOf(view).map(({ part, label, bytes }) => (
        <div key={part} className={classes.row}>
          <dt className="lh-cut">
            <span className={classes.swatch} data-part={part} aria-hidden />
            {label}
          </dt>
          <dd className="lh-number">{formats.bytes(bytes)}</dd>
          <dd className="lh-number">{percentOf(bytes, view.totalBytes) ?? 0} %</dd>
        </div>
      ))}
    </dl>
  );
}

/** Only what there is any of, but always what has moved. */
export function legendOf(
  view: Pick<TransferView, "direction" | "state" | "doneBytes" | "keptBytes" | "inFlightBytes">,
): readonly LegendRow[] {
  const isUpload = view.direction === "upload";
  const kept = view.state.phase === "done" ? "Was" : "Already";
  const rows: readonly LegendRow[] = [
    { part: "kept", label: `${kept} ${isUpload ? "there" : "here"}`, bytes: view.keptBytes },
    {
      part: "moved",
      label: isUpload ? "To the bucket" : "From the bucket",
      bytes: Math.max(0, view.doneBytes - view.keptBytes),
    },
    { part: "flight", label: "In flight", bytes: view.inFlightBytes },
  ];
  return rows.filter(({ part, bytes }) => part === "moved" || bytes > 0);
}
