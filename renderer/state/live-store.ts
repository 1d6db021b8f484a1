import { create } from "zustand";

/** What the live region says next. The number makes the same sentence be said twice. */
export const useLiveStore = create<{ readonly text: string; readonly count: number }>(() => ({
  text: "",
  count: 0,
}));

/** Said politely, after what a screen reader is saying now. For changes of state, never for ticks. */
export function announce(text: string): void {
  useLiveStore.setState(({ count }) => ({ text, count: count + 1 }));
}
