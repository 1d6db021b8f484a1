import { IconCircle, IconCircleArrowUp, IconCircleCheckFilled } from "@tabler/icons-react";
import { useFormats } from "../common/use-formats.ts";
import type { Here } from "./here-words.ts";
import { hereWords } from "./here-words.ts";
import classes from "./here-cell.module.css";

type HereCellProps = { readonly here: Here; readonly className: string | undefined };

/** What is here of a row: a sign, and words where there is something to say. */
export function HereCell({ here, className }: HereCellProps) {
  const formats = useFormats();
  const words = hereWords(here);
  return (
    <span
      role="gridcell"
      className={`${classes.cell} ${className ?? ""} lh-number`}
      data-kind={here.kind}
      aria-label={here.kind === "no" ? "Not here" : undefined}
    >
      <HereSign here={here} />
      {words !== "" && <span className={classes.words}>{words}</span>}
      {here.kind === "newer" && (
        <span className={classes.note}>{formats.bytes(here.newerBytes)}</span>
      )}
    </span>
  );
}

/** The sign alone, where words stand beside it or a reader has them. */
export function HereSign({ here }: { readonly here: Here }) {
  switch (here.kind) {
    case "here":
      return <IconCircleCheckFilled size={16} className={classes.done} aria-hidden />;
    case "newer":
      return <IconCircleArrowUp size={16} className={classes.newer} aria-hidden />;
    case "part":
      return <PartSign percent={here.percent} />;
    case "some":
      return <PartSign percent={(100 * here.hereCount) / here.count} />;
    case "no":
      return <IconCircle size={16} className={classes.none} aria-hidden />;
    case "unknown":
      return null;
    default:
      return here satisfies never;
  }
}

const RADIUS = 6;
const AROUND = 2 * Math.PI * RADIUS;

/** A ring that is drawn as far as it is here. */
function PartSign({ percent }: { readonly percent: number }) {
  return (
    <svg
      width={16}
      height={16}
      viewBox="0 0 16 16"
      className={`${classes.ring} lh-icon`}
      aria-hidden
    >
      <circle cx={8} cy={8} r={RADIUS} className={classes.track} />
      <circle
        cx={8}
        cy={8}
        r={RADIUS}
        className={classes.arc}
        strokeDasharray={`${(AROUND * percent) / 100} ${AROUND}`}
      />
    </svg>
  );
}
