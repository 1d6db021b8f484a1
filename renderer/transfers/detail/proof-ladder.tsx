import type { Rung } from "#shared/transfer.ts";
import { RUNGS } from "./rungs.ts";
import classes from "./proof-ladder.module.css";

/** How much the receipt claims. Never shown without its words. */
export function ProofLadder({ rung }: { readonly rung: Rung }) {
  const reached = RUNGS.indexOf(rung);
  return (
    <span
      className={classes.ladder}
      role="img"
      aria-label={`Proof ${reached + 1} of ${RUNGS.length}`}
    >
      {RUNGS.map((step, index) => (
        <span key={step} data-reached={index <= reached || undefined} />
      ))}
    </span>
  );
}
