import type { ComponentType, KeyboardEvent, ReactNode, RefObject } from "react";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { Stretch, Track } from "./visible-rows.ts";
import { useSettingsStore } from "../state/settings-store.ts";
import { rangeBetween, stepRow } from "./step-row.ts";
import { drawnRows, scrollFor, stretchAt, trackOf, visibleRows } from "./visible-rows.ts";
import classes from "./virtual-grid.module.css";

/** Pixels at text size 100 %. */
const ROW_HEIGHT = 34;
/** This many rows before the end the next ones are asked for. */
const END_IS_NEAR = 20;

/** An array, or what can say any of its rows without having all of them. */
export type GridRows<Row> = Pick<readonly Row[], "length" | "at" | "slice">;

type VirtualGridProps<Row> = {
  readonly label: string;
  /** A class with `grid-template-columns`, for head and rows alike. */
  readonly columns: string | undefined;
  /** Cells with `role="columnheader"`. */
  readonly head: ReactNode;
  readonly rows: GridRows<Row>;
  /** There are more than are known. */
  readonly isOpenEnded?: boolean;
  /** A row as one sentence. */
  readonly labelOf: (row: Row) => string;
  /** Undefined where rows cannot be selected. */
  readonly isSelected?: (row: Row) => boolean;
  /** Cells with `role="gridcell"`. One component, the same at every render. */
  readonly Cells: ComponentType<{ readonly row: Row }>;
  /** Keys that do not move. */
  readonly onRowKey: (event: KeyboardEvent, row: Row) => void;
  /** Rows that moving with Shift went over. */
  readonly onExtend?: (rows: readonly Row[]) => void;
  readonly onOpen?: (row: Row) => void;
  /** A row's menu is wanted, by the pointer or the keyboard. The place is the window's. */
  readonly onMenu?: (row: Row, anchor: DOMRect) => void;
  readonly onEndNear?: () => void;
  /** The rows on screen, half-open; again after every drawing. */
  readonly onRange?: (start: number, end: number) => void;
  /** The row that the focus came to. */
  readonly onActive?: (row: Row) => void;
  /** Takes the focus when it appears. */
  readonly hasFocus?: boolean;
};

/** Rows of one height, of which only those on screen exist. One tab stop; keys move inside. */
export function VirtualGrid<Row>(props: VirtualGridProps<Row>) {
  const { rows, columns } = props;
  const body = useRef<HTMLDivElement>(null);
  const { at, moveTo, takeActive, takeWish } = useActiveRow(rows.length, props.hasFocus ?? false);
  const { rowHeight, track, stretch, visible, isOverfull } = useRows(rows.length, body);

  useEffect(() => {
    if (visible.end > 0 && visible.end >= rows.length - END_IS_NEAR) props.onEndNear?.();
    props.onRange?.(visible.start, visible.end);
  });
  useEffect(() => {
    const element = body.current;
    if (!element || rows.length === 0 || !takeWish()) return;
    const offset = track.toOffset(element.scrollTop);
    element.scrollTop = track.toScrolled(scrollFor(at, offset, element.clientHeight, rowHeight));
    element.querySelector<HTMLElement>(`[data-index="${at}"]`)?.focus({ preventScroll: true });
  });

  function onKeyDown(event: KeyboardEvent): void {
    const row = rows.at(at);
    if (row === undefined) return;
    const pageLength = Math.max(1, Math.floor((body.current?.clientHeight ?? 0) / rowHeight) - 1);
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const next = isPlain ? stepRow(event.key, at, rows.length, pageLength) : null;
    if (next === null) {
      props.onRowKey(event, row);
      return;
    }
    event.preventDefault();
    const { start, end } = rangeBetween(at, next);
    if (event.shiftKey) props.onExtend?.(rows.slice(start, end));
    moveTo(next);
  }

  return (
    <div
      className={classes.grid}
      data-scrolls={isOverfull || undefined}
      role="grid"
      aria-label={props.label}
      aria-rowcount={props.isOpenEnded ? -1 : rows.length + 1}
      aria-multiselectable={props.isSelected ? true : undefined}
    >
      <GridHead columns={columns}>{props.head}</GridHead>
      <div ref={body} className={classes.body} role="rowgroup" onKeyDown={onKeyDown}>
        <GridContent track={track} stretch={stretch}>
          {drawnRows(visible, at, rows.length).map((index) => (
            <GridRow
              key={index}
              grid={props}
              index={index}
              isActive={index === at}
              rowHeight={rowHeight}
              top={(index - stretch.firstRow) * rowHeight}
              onFocus={takeActive}
            />
          ))}
        </GridContent>
      </div>
    </div>
  );
}

function isMenuKey({ key, shiftKey }: KeyboardEvent): boolean {
  return key === "ContextMenu" || (key === "F10" && shiftKey);
}

type GridHeadProps = { readonly columns: string | undefined; readonly children: ReactNode };

function GridHead({ columns, children }: GridHeadProps) {
  return (
    <div className={classes.head} role="rowgroup">
      <div className={`${classes.headRow} ${columns ?? ""}`} role="row" aria-rowindex={1}>
        {children}
      </div>
    </div>
  );
}

type GridContentProps = {
  readonly track: Track;
  readonly stretch: Stretch;
  readonly children: ReactNode;
};

/** As high as the scroll bar's track, with the rows where they are to be seen. */
function GridContent({ track, stretch, children }: GridContentProps) {
  return (
    <div className={classes.rows} role="presentation" style={{ height: track.heightPixels }}>
      <div
        className={classes.stretch}
        role="presentation"
        style={{ transform: `translateY(${stretch.topPixels}px)` }}
      >
        {children}
      </div>
    </div>
  );
}

type GridRowProps<Row> = {
  readonly grid: VirtualGridProps<Row>;
  readonly index: number;
  readonly isActive: boolean;
  readonly rowHeight: number;
  /** Pixels. */
  readonly top: number;
  readonly onFocus: (index: number) => void;
};

/** While the list scrolls `grid` stays the same object, so only rows that come in are drawn. */
function GridRow<Row>({ grid, index, isActive, rowHeight, top, onFocus }: GridRowProps<Row>) {
  return useMemo(() => {
    const row = grid.rows.at(index);
    if (row === undefined) return null;
    return (
      <div
        data-index={index}
        className={`${classes.row} ${grid.columns ?? ""} lh-focus-inside`}
        role="row"
        aria-rowindex={index + 2}
        aria-label={grid.labelOf(row)}
        aria-selected={grid.isSelected?.(row)}
        tabIndex={isActive ? 0 : -1}
        // Where a dialog looks for what to focus, if it looks after the rows have come.
        data-autofocus={(grid.hasFocus && isActive) || undefined}
        style={{ height: rowHeight, transform: `translateY(${top}px)` }}
        onFocus={() => onFocus(index)}
        onClick={(event) => event.currentTarget.focus()}
        onDoubleClick={() => grid.onOpen?.(row)}
        onKeyDown={(event) => {
          if (!grid.onMenu || !isMenuKey(event)) return;
          event.preventDefault();
          event.stopPropagation();
          grid.onMenu(row, event.currentTarget.getBoundingClientRect());
        }}
        onContextMenu={(event) => {
          if (!grid.onMenu) return;
          event.preventDefault();
          event.currentTarget.focus();
          grid.onMenu(row, new DOMRect(event.clientX, event.clientY));
        }}
      >
        <grid.Cells row={row} />
      </div>
    );
  }, [grid, index, isActive, rowHeight, top, onFocus]);
}

/** Follows how far the body is scrolled, and says which rows that shows. */
function useRows(count: number, body: RefObject<HTMLDivElement | null>) {
  const percent = useSettingsStore((state) => state.settings.textSizePercent);
  const rowHeight = Math.round((ROW_HEIGHT * percent) / 100);
  const [view, setView] = useState({ scrolled: 0, height: 0 });
  useLayoutEffect(() => {
    const element = body.current;
    if (!element) return undefined;
    const look = () => setView({ scrolled: element.scrollTop, height: element.clientHeight });
    const resizes = new ResizeObserver(look);
    resizes.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      resizes.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [body]);
  const track = trackOf(count * rowHeight, view.height);
  return {
    rowHeight,
    track,
    stretch: stretchAt(track, view.scrolled, rowHeight),
    isOverfull: track.heightPixels > view.height,
    visible: visibleRows(track.toOffset(view.scrolled), view.height, rowHeight, count),
  };
}

/** The row that the tab key comes to. `takeWish` says once that it should take the focus. */
function useActiveRow(count: number, startsFocused: boolean) {
  const [active, takeActive] = useState(0);
  const wish = useRef(startsFocused);
  const moveTo = (index: number) => {
    wish.current = true;
    takeActive(index);
  };
  const takeWish = () => {
    const wanted = wish.current;
    wish.current = false;
    return wanted;
  };
  return { at: Math.min(active, Math.max(0, count - 1)), moveTo, takeActive, takeWish };
}
