import type { UploadItem } from "./upload-plan.ts";
import type { ItemMeasure, Measures } from "./use-measures.ts";

/** What all items come to, as far as they are counted. */
export function sumMeasures(items: readonly UploadItem[], measures: Measures): ItemMeasure {
  const known = items.flatMap((item) => measures.ofItem.get(item) ?? []);
  const all = measures.ofRest ? [...known, measures.ofRest] : known;
  const expected =
    measures.ofItem.size < items.length && !measures.ofRest ? items.length : known.length;
  return {
    files: all.reduce((sum, one) => sum + one.files, 0),
    sizeBytes: all.reduce((sum, one) => sum + one.sizeBytes, 0),
    isCut: all.some((one) => one.isCut),
    isOver: known.length >= expected && all.every((one) => one.isOver),
  };
}
