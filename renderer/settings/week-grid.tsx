import type { KeyboardEvent, PointerEvent } from "react";
import { useLayoutEffect, useRef } from "react";
import type { PaceMode, Week } from "#shared/week.ts";
import type { Area, Cell } from "./week-cells.ts";
import { DAY_NAMES } from "#shared/week.ts";
import { cellLabel, cellMode, isInArea, stepCell } from "./week-cells.ts";
import classes from "./week-grid.module.css";

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const KEY_MODES: Readonly<Record<string, PaceMode>> = {
  "1": "full",
  "2": "limited",
  "3": "paused",
};

type WeekGridProps = {
  readonly week: Week;
  /** What a drag and Space paint. */
  readonly brush: PaceMode;
  readonly area: Area;
  readonly onArea: (area: Area) => void;
  readonly onPaint: (area: Area, mode: PaceMode) => void;
};

/** Seven days of 24 hours, painted by dragging, or by arrows with Shift and 1, 2, 3 or Space. One tab stop. */
export function WeekGrid({ week, brush, area, onArea, onPaint }: WeekGridProps) {
  const grid = useRef<HTMLDivElement>(null);
  const drag = useDrag({ brush, onArea, onPaint });

  useLayoutEffect(() => {
    if (!grid.current?.contains(document.activeElement)) return;
    const { day, hour } = area.to;
    grid.current.querySelector<HTMLElement>(`[data-cell="${day} ${hour}"]`)?.focus();
  }, [area]);

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const mode = event.key === " " ? brush : KEY_MODES[event.key];
    const next = stepCell(area.to, event.key);
    if (mode === undefined && next === null) return;
    event.preventDefault();
    if (mode !== undefined) onPaint(area, mode);
    if (next !== null) onArea({ from: event.shiftKey ? area.from : next, to: next });
  }

  return (
    <div
      ref={grid}
      role="grid"
      aria-label="Week"
      aria-multiselectable
      aria-describedby="week-keys"
      className={classes.grid}
      onKeyDown={onKeyDown}
      onPointerDown={drag.begin}
      onPointerOver={drag.go}
    >
      <HourHead />
      {DAY_NAMES.map((name, day) => (
        <div key={name} role="row" className={classes.row}>
          <span role="rowheader" className={classes.day}>
            {name}
          </span>
          {HOURS.map((hour) => (
            <span
              key={hour}
              role="gridcell"
              className={classes.cell}
              tabIndex={day === area.to.day && hour === area.to.hour ? 0 : -1}
              aria-label={cellLabel(week, { day, hour })}
              aria-selected={isInArea(area, { day, hour })}
              data-cell={`${day} ${hour}`}
              data-mode={cellMode(week, { day, hour })}
            />
          ))}
        </div>
      ))}
    </div>
  );
}

/** For the eye: every cell names its own hour. */
function HourHead() {
  return (
    <div aria-hidden className={classes.row}>
      <span />
      {HOURS.map((hour) => (
        <span key={hour} className={classes.hour}>
          {hour % 3 === 0 ? hour : ""}
          {hour === 23 && <span>24</span>}
        </span>
      ))}
    </div>
  );
}

type DragPorts = Pick<WeekGridProps, "brush" | "onArea" | "onPaint">;

/** From where the button goes down to where it comes up, wherever that is. */
function useDrag({ brush, onArea, onPaint }: DragPorts) {
  const dragged = useRef<Area | null>(null);
  const begin = (event: PointerEvent) => {
    const cell = cellAt(event.target);
    if (cell === null || event.button !== 0) return;
    dragged.current = { from: cell, to: cell };
    onArea(dragged.current);
    const end = () => {
      if (dragged.current !== null) onPaint(dragged.current, brush);
      dragged.current = null;
    };
    window.addEventListener("pointerup", end, { once: true });
  };
  const go = (event: PointerEvent) => {
    const cell = cellAt(event.target);
    if (dragged.current === null || cell === null) return;
    dragged.current = { from: dragged.current.from, to: cell };
    onArea(dragged.current);
  };
  return { begin, go };
}

function cellAt(target: EventTarget): Cell | null {
  if (!(target instanceof HTMLElement)) return null;
  const [day, hour] = (target.dataset["cell"] ?? "").split(" ").map(Number);
  return day === undefined || hour === undefined ? null : { day, hour };
}
