import type { KeyboardEvent, PointerEvent } from "react";
import { useRef } from "react";
import classes from "./split-handle.module.css";

type SplitHandleProps = {
  /** What is made wider or narrower. */
  readonly label: string;
  /** Pixels of the pane on the right. */
  readonly width: number;
  readonly least: number;
  readonly most: number;
  /** While it is dragged. */
  readonly onResize: (width: number) => void;
  /** When it is let go. */
  readonly onSettle: (width: number) => void;
};

/** Pixels for each press of an arrow key. */
const STEP = 16;

/** The edge between two panes: dragged, or moved by the arrow keys. */
export function SplitHandle(props: SplitHandleProps) {
  const { label, width, least, most, onResize, onSettle } = props;
  const within = (wanted: number) => Math.round(Math.min(most, Math.max(least, wanted)));

  /** Where the drag began; null while there is none. */
  const drag = useRef<{ readonly fromX: number; readonly width: number } | null>(null);
  const widthAt = (clientX: number) =>
    drag.current ? within(drag.current.width + drag.current.fromX - clientX) : width;

  function onPointerDown(event: PointerEvent<HTMLDivElement>): void {
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { fromX: event.clientX, width };
  }

  function onPointerMove({ clientX }: PointerEvent): void {
    if (drag.current) onResize(widthAt(clientX));
  }

  function onLost({ clientX }: PointerEvent): void {
    const settled = widthAt(clientX);
    drag.current = null;
    onSettle(settled);
  }

  function onKeyDown({ key }: KeyboardEvent): void {
    const by = { ArrowLeft: STEP, ArrowRight: -STEP }[key];
    if (by !== undefined) onSettle(within(width + by));
  }

  return (
    <div
      role="separator"
      aria-label={label}
      aria-orientation="vertical"
      aria-valuenow={width}
      aria-valuemin={least}
      aria-valuemax={most}
      tabIndex={0}
      className={`${classes.handle} lh-focus-inside`}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onLostPointerCapture={onLost}
      onKeyDown={onKeyDown}
    />
  );
}
