import { useEffect, useState } from "react";
import type { Measured, UploadItem } from "./upload-plan.ts";
import { useClient } from "../host/host.ts";
import { measureItems } from "./measure-items.ts";

/** Items that get a line, and a count, of their own. */
export const LISTED_AT_MOST = 30;

export type ItemMeasure = Measured & { readonly isOver: boolean };

export type Measures = {
  readonly ofItem: ReadonlyMap<UploadItem, ItemMeasure>;
  /** Of the items without a line. */
  readonly ofRest: ItemMeasure | null;
};

const SHOW_EVERY_MS = 200;

/** Counts what was dropped while the sheet is open; one item after the other. */
export function useMeasures(items: readonly UploadItem[]): Measures {
  const { call } = useClient();
  const [known, setKnown] = useState<ReadonlyMap<UploadItem, ItemMeasure>>(new Map());
  const [ofRest, setRest] = useState<ItemMeasure | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    const run = async () => {
      for (const item of items.slice(0, LISTED_AT_MOST)) {
        await follow([item], (sum) => setKnown((before) => new Map(before).set(item, sum)));
      }
      const rest = items.slice(LISTED_AT_MOST);
      if (rest.length > 0) await follow(rest, setRest);
    };
    const follow = async (some: readonly UploadItem[], show: (sum: ItemMeasure) => void) => {
      let shownAtMs = 0;
      const sum = await measureItems(some, call, stop.signal, (soFar) => {
        if (performance.now() - shownAtMs < SHOW_EVERY_MS) return;
        shownAtMs = performance.now();
        show({ ...soFar, isOver: false });
      });
      if (!stop.signal.aborted) show({ ...sum, isOver: true });
    };
    // What cannot be counted is not known; the upload itself says why.
    run().catch(() => undefined);
    return () => stop.abort();
  }, [items, call]);
  return { ofItem: known, ofRest };
}
