import { IconCircle, IconCircleArrowUp, IconCircleCheckFilled } from "@tabler/icons-react";
import { useFormats } from "../common/use-formats.ts";
import type { Here } from "./here-words.ts";
import classes from "./here-cell.module.css";

/** What is here of a row: a sign, and words where there is something to say. */
export function HereCell({ here }: { readonly here: Here }) {
  const formats = useFormats();
  switch (here.kind) {
    case "here":
      return (
        <span role="gridcell" className={classes.cell}>
          <IconCircleCheckFilled size={16} className={classes.done} aria-hidden />
          Here
        </span>
      );
    case "newer":
      return (
        <span role="gridcell" className={classes.cell}>
          <IconCircleArrowUp size={16} className={classes.newer} aria-hidden />
          Newer upstream
          <span className={`${classes.note} lh-number`}>{formats.bytes(here.newerBytes)}</span>
        </span>
      );
    case "part":
      return (
        <span role="gridcell" className={`${classes.cell} lh-number`}>
          <PartSign percent={here.percent} />
          {here.percent} %
        </span>
      );
    case "no":
      return (
        <span role="gridcell" className={classes.cell} aria-label="Not here">
          <IconCircle size={16} className={classes.none} aria-hidden />
        </span>
      );
    case "unknown":
      return <span role="gridcell" className={classes.cell} />;
    default:
      return here satisfies never;
  }
}

const RADIUS = 6;
const AROUND = 2 * Math.PI * RADIUS;

/** A ring that is drawn as far as it is here. */
function PartSign({ percent }: { readonly percent: number }) {
  return (
    <svg width={16} height={16} viewBox="0 0 16 16" className={classes.ring} aria-hidden>
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
