import { useEffect, useRef } from "react";
import classes from "./tick-box.module.css";

type TickBoxProps = {
  readonly label: string;
  readonly isTicked: boolean;
  /** Some of what it stands for is ticked. */
  readonly isPartly?: boolean;
  readonly onTick: (isTicked: boolean) => void;
  /** -1 inside rows, whose keys tick them. */
  readonly tabIndex?: number;
};

/** A plain box, because a list draws dozens of them in every frame of a scroll. */
export function TickBox({ label, isTicked, isPartly = false, onTick, tabIndex }: TickBoxProps) {
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (box.current) box.current.indeterminate = isPartly;
  }, [isPartly]);
  return (
    <input
      ref={box}
      type="checkbox"
      className={classes.box}
      aria-label={label}
      tabIndex={tabIndex}
      checked={isTicked}
      onChange={(event) => onTick(event.currentTarget.checked)}
    />
  );
}
