import type { RefObject } from "react";
import { useLayoutEffect, useState } from "react";

export type ScrollWindow = { readonly start: number; readonly end: number };

/** The window moves in steps of this many pixels, and reaches one further each way: few renders while scrolling. */
const STEP = 320;

/** The part of a scrolled element that is drawn. Pixels from the top of what it holds. */
export function useScrollWindow(scroller: RefObject<HTMLElement | null>): ScrollWindow {
  const [window, setWindow] = useState<ScrollWindow>({ start: 0, end: 4 * STEP });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    const look = () => setWindow((before) => keepEqual(before, windowOf(element)));
    look();
    const resized = new ResizeObserver(look);
    resized.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      resized.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [scroller]);
  return window;
}

function windowOf({ scrollTop, clientHeight }: HTMLElement): ScrollWindow {
  const start = Math.floor(scrollTop / STEP) * STEP;
  return { start: start - STEP, end: start + clientHeight + 2 * STEP };
}

function keepEqual(before: ScrollWindow, after: ScrollWindow): ScrollWindow {
  return before.start === after.start && before.end === after.end ? before : after;
}
