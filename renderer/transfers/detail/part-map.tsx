import { useEffect, useRef } from "react";
import type { Palette } from "../../theme/tokens.ts";
import { usePalette } from "../../theme/use-palette.ts";
import classes from "./part-map.module.css";

type PartMapProps = {
  /** One character a cell, as in `TransferDetail`. */
  readonly cells: string;
  /** The same, in words. */
  readonly label: string;
};

/** Pixels. */
const CELL = 6;
const PITCH = 7;

export function PartMap({ cells, label }: PartMapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const palette = usePalette();

  useEffect(() => {
    const element = canvas.current;
    const holder = element?.parentElement;
    if (!element || !holder) return undefined;
    const paint = () => draw(element, holder.clientWidth, cells, palette);
    paint();
    const resized = new ResizeObserver(paint);
    resized.observe(holder);
    return () => resized.disconnect();
  }, [cells, palette]);

  return (
    <div className={classes.map}>
      <canvas ref={canvas} role="img" aria-label={label} />
    </div>
  );
}

function draw(canvas: HTMLCanvasElement, width: number, cells: string, palette: Palette): void {
  const columns = Math.max(1, Math.floor((width + 1) / PITCH));
  const height = Math.ceil(cells.length / columns) * PITCH - 1;
  const scale = window.devicePixelRatio;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.scale(scale, scale);
  for (let cell = 0; cell < cells.length; cell++) {
    const x = (cell % columns) * PITCH;
    const y = Math.floor(cell / columns) * PITCH;
    drawCell(pen, { x, y, mark: cells.charAt(cell) }, palette);
  }
}

type Cell = { readonly x: number; readonly y: number; readonly mark: string };

function drawCell(pen: CanvasRenderingContext2D, { x, y, mark }: Cell, palette: Palette): void {
  pen.fillStyle = palette.track;
  pen.fillRect(x, y, CELL, CELL);
  if (mark === "#" || mark === "-") {
    pen.globalAlpha = mark === "#" ? 1 : 0.5;
    pen.fillStyle = palette.origin;
    pen.fillRect(x, y, CELL, CELL);
    pen.globalAlpha = 1;
  } else if (mark === ">") hatch(pen, x, y, palette.flight);
  else if (mark === "!") {
    pen.strokeStyle = palette.warn;
    pen.lineWidth = 1.5;
    pen.strokeRect(x + 0.75, y + 0.75, CELL - 1.5, CELL - 1.5);
  }
}

/** Upright ticks, the same mark as at the head of the bar. */
function hatch(pen: CanvasRenderingContext2D, x: number, y: number, colour: string): void {
  pen.fillStyle = colour;
  for (let offset = 0; offset < CELL; offset += 2) pen.fillRect(x + offset, y, 1, CELL);
}
