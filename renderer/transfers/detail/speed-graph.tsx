import { useCallback, useEffect, useRef } from "react";
import uPlot from "uplot";
import type { Formats } from "../../common/use-formats.ts";
import { useFormats } from "../../common/use-formats.ts";
import type { Palette } from "../../theme/tokens.ts";
import { usePalette } from "../../theme/use-palette.ts";
import { speedLines, speedTop } from "./speed-scale.ts";
import classes from "./speed-graph.module.css";

type SpeedGraphProps = {
  /** Bytes per second, one a second, oldest first. */
  readonly samples: readonly number[];
  /** The same, in words. */
  readonly label: string;
  /** Pixels. */
  readonly height: number;
};

/** One canvas; new samples go through `setData`. */
export function SpeedGraph({ samples, label, height }: SpeedGraphProps) {
  const plot = useRef<uPlot | null>(null);
  const palette = usePalette();
  const formats = useFormats();
  const hold = useCallback(
    (element: HTMLDivElement) => {
      const made = new uPlot(
        options(palette, formats, { width: element.clientWidth, height }),
        EMPTY,
        element,
      );
      plot.current = made;
      const resized = new ResizeObserver(() =>
        made.setSize({ width: element.clientWidth, height }),
      );
      resized.observe(element);
      return () => {
        resized.disconnect();
        made.destroy();
      };
    },
    [palette, formats, height],
  );
  // After every drawing: the plot may be a new one.
  useEffect(() => plot.current?.setData([samples.map(secondsAgo), [...samples]]));
  return <div ref={hold} className={classes.graph} role="img" aria-label={label} />;
}

const EMPTY: uPlot.AlignedData = [[], []];

function secondsAgo(_sample: number, index: number, all: readonly number[]): number {
  return index - all.length + 1;
}

type Size = { readonly width: number; readonly height: number };

function options(palette: Palette, formats: Formats, size: Size): uPlot.Options {
  const text = { stroke: palette.text3, font: '11px "Inter Variable", sans-serif' };
  return {
    ...size,
    padding: [6, 14, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false },
      y: { range: (_plot, _low, high) => [0, speedTop(high)] },
    },
    axes: [
      {
        ...text,
        size: 18,
        gap: 3,
        grid: { show: false },
        ticks: { show: false },
        splits: (_plot, _axis, oldest) => timeSplits(oldest),
        values: (_plot, splits) => splits.map(timeAgo),
      },
      {
        ...text,
        size: 62,
        gap: 4,
        grid: { stroke: palette.line, width: 1 },
        ticks: { show: false },
        splits: (_plot, _axis, _low, high) => speedLines(high),
        values: (_plot, splits) => splits.map((split) => (split === 0 ? "0" : formats.rate(split))),
      },
    ],
    series: [
      {},
      { stroke: palette.origin, width: 1.5, fill: `${palette.origin}59`, points: { show: false } },
    ],
  };
}

/** Whole minutes, or half ones and shorter while there are few; never at the left end, where a word would be cut. */
function timeSplits(oldest: number): number[] {
  const step = oldest < -100 ? 60 : oldest < -40 ? 30 : 10;
  const count = Math.floor((-oldest * 0.96) / step);
  return Array.from({ length: count + 1 }, (_none, index) => -index * step).toReversed();
}

function timeAgo(seconds: number): string {
  if (seconds >= 0) return "now";
  return seconds > -60 || seconds % 60 !== 0 ? `${-seconds} s` : `${-seconds / 60} min`;
}
