import { IconCircle, IconCircleArrowUp, IconCircleCheckFilled } from "@tabler/icons-react";
import { useFormats } from "../common/use-formats.ts";
import type { Here } from "./here-words.ts";
import classes from "./here-cell.module.css";

type HereCellProps = { readonly here: Here; readonly className: string | undefined };

/** What is here of a row: a sign, and words where there is something to say. */
export function HereCell({ here, className }: HereCellProps) {
  const formats = useFormats();
  const cell = `${classes.cell} ${className ?? ""} lh-number`;
  switch (here.kind) {
    case "here":
      return (
        <span role="gridcell" className={cell}>
          <IconCircleCheckFilled size={16} className={classes.done} aria-hidden />
          <span className={classes.words}>Here</span>
        </span>
      );
    case "newer":
      return (
        <span role="gridcell" className={cell}>
          <IconCircleArrowUp size={16} className={classes.newer} aria-hidden />
          <span className={classes.words}>Newer upstream</span>
          <span className={classes.note}>{formats.bytes(here.newerBytes)}</span>
        </span>
      );
    case "part":
      return (
        <span role="gridcell" className={cell}>
          <PartSign percent={here.percent} />
          <span className={classes.words}>{here.percent} %</span>
        </span>
      );
    case "some": {
      const percent = (100 * here.hereCount) / here.count;
      return (
        <span role="gridcell" className={cell}>
          <PartSign percent={percent} />
          <span className={classes.words}>
            {here.hereCount} of {here.count} here
          </span>
        </span>
      );
    }
    case "no":
      return (
        <span role="gridcell" className={cell} aria-label="Not here">
          <IconCircle size={16} className={classes.none} aria-hidden />
        </span>
      );
    case "unknown":
      return <span role="gridcell" className={cell} />;
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
