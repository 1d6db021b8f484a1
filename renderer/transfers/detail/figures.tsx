import type { TransferView } from "#shared/transfer.ts";
import { formatDuration } from "#shared/format.ts";
import { useNow } from "../../common/use-now.ts";
import { clockText } from "../../common/clock-text.ts";
import { useFormats } from "../../common/use-formats.ts";
import type { Formats } from "../../common/use-formats.ts";
import { lookOf } from "../look.ts";
import { amountText, rowPercent } from "../row-text.ts";
import { timeLeftText } from "../time-left.ts";
import classes from "./detail-overview.module.css";

const AVERAGE_FROM_MS = 1000;

type FourFigures = {
  readonly first: string;
  readonly firstNote: string;
  readonly second: string;
  readonly secondNote: string;
};

/** The two figures that matter in this state, and a line under each. */
export function Figures({ view }: { readonly view: TransferView }) {
  const formats = useFormats();
  const nowMs = useNow(false);
  const { first, firstNote, second, secondNote } = figuresOf(view, formats, nowMs);
  return (
    <div className={`${classes.figures} lh-number`}>
      <span className={classes.large}>{first}</span>
      <span className={classes.large}>{second}</span>
      <span>{firstNote}</span>
      <span>{secondNote}</span>
    </div>
  );
}

export function figuresOf(view: TransferView, formats: Formats, nowMs: number): FourFigures {
  const { state, totalBytes, keptBytes, activeMs } = view;
  if (state.phase === "done") {
    const moved = totalBytes - keptBytes;
    return {
      first: formats.bytes(totalBytes),
      firstNote: `done at ${clockText(state.atMs, nowMs)}`,
      second: formatDuration(activeMs / 1000),
      secondNote: moved > 0 ? averageText(moved, activeMs, formats) : "nothing moved",
    };
  }
  const percent = rowPercent(view);
  const isMoving = lookOf(view) === "moving";
  return {
    first: percent === null ? amountText(view, formats.sizeUnits) : `${percent} %`,
    firstNote: percent === null ? "" : amountText(view, formats.sizeUnits),
    second: isMoving ? formats.rate(view.bytesPerSecond) : "",
    secondNote: isMoving && !view.isListing ? timeLeftText(view.secondsLeft, nowMs) : "",
  };
}

/** Of what took a moment an average says nothing. */
function averageText(movedBytes: number, activeMs: number, formats: Formats): string {
  if (activeMs < AVERAGE_FROM_MS) return "";
  return `${formats.rate(movedBytes / (activeMs / 1000))} on average`;
}
