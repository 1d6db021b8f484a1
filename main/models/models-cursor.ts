import { z } from "zod";
import { LonghaulError } from "#shared/errors.ts";

/** A prefix that is still to be looked at, or the rest of one. */
export const Stretch = z.strictObject({
  prefix: z.string(),
  /** The store's own, for the next page; null is the beginning. */
  token: z.string().nullable(),
  /** Keys up to this one are done with. */
  after: z.string(),
  /** Prefixes of models that are done with, though keys of theirs may still come. */
  done: z.array(z.string()),
  /** One folder with very many objects: there is nothing to look at before the others. */
  isFlat: z.boolean(),
});
export type Stretch = z.infer<typeof Stretch>;

/** More would make a cursor too long to hand around. */
export const MOST_STRETCHES = 500;
/** What a stretch is cut into has its own rest beside it. */
const MOST_READ = MOST_STRETCHES + 100;

const Stretches = z.array(Stretch).max(MOST_READ);

export function wholeStretch(prefix: string): Stretch {
  return { prefix, token: null, after: "", done: [], isFlat: false };
}

/** Null when nothing is left to look at. */
export function toCursor(stretches: readonly Stretch[]): string | null {
  return stretches.length === 0 ? null : JSON.stringify(stretches);
}

/** @throws {LonghaulError} `invalid` for what `toCursor` did not make. */
export function fromCursor(cursor: string, prefix: string): readonly Stretch[] {
  try {
    const stretches = Stretches.parse(JSON.parse(cursor));
    if (stretches.every((one) => one.prefix.startsWith(prefix))) return stretches;
  } catch {
    // Said below, whatever it was.
  }
  throw new LonghaulError("invalid", "this is no place to go on looking for models from");
}
