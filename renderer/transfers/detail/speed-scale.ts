import type { Formats } from "../../common/use-formats.ts";

/**
 * The top of the graph for the fastest sample: 2.5 times 1, 2 or 5 times a power of ten, so that it
 * moves in steps and does not follow each sample. In whatever unit the samples are.
 */
export function speedTop(fastest: number): number {
  if (fastest <= 0) return LINES_HIGH;
  const power = 10 ** Math.floor(Math.log10(fastest));
  const line = [0.5, 1, 2, 5].map((factor) => factor * power).find((one) => one * 2.4 >= fastest);
  return (line ?? 10 * power) * LINES_HIGH;
}

/** Lines that fit below the top. */
const LINES_HIGH = 2.5;

/** Where the lines are for such a top. */
export function speedLines(top: number): number[] {
  return [0, top / LINES_HIGH, (2 * top) / LINES_HIGH];
}

/** The graph in words. */
export function speedWords(samples: readonly number[], formats: Pick<Formats, "rate">): string {
  const now = samples.at(-1) ?? 0;
  const fastest = Math.max(0, ...samples);
  const mean = samples.reduce((sum, sample) => sum + sample, 0) / Math.max(1, samples.length);
  return `Speed over the last ${samples.length} seconds: ${formats.rate(now)} now, ${formats.rate(mean)} on average, ${formats.rate(fastest)} at most`;
}
