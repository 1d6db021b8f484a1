import { useSyncExternalStore } from "react";

const SECOND = 1000;

/**
 * The wall clock in milliseconds, to the second. While `isTicking` it draws again every second; else it
 * is right whenever something else draws.
 */
export function useNow(isTicking: boolean): number {
  return useSyncExternalStore(isTicking ? everySecond : never, wholeSecond);
}

function wholeSecond(): number {
  return Math.floor(Date.now() / SECOND) * SECOND;
}

function everySecond(listener: () => void): () => void {
  const timer = window.setInterval(listener, SECOND);
  return () => window.clearInterval(timer);
}

function never(): () => void {
  return () => undefined;
}
