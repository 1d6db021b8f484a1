import type { Formats } from "../../common/use-formats.ts";

/**
 * The top of the graph for the fastest sample, and its lines: 1, 2 or 5 times a power of ten, so that
 * it moves in steps and does not follow each sample. In whatever unit the samples are.
 */
export function speedScale(fastest: number): {
  readonly top: number;
  readonly lines: readonly number[];
} {
  if (fastest <= 0) return { top: 1, lines: [0] };
  const power = 10 ** Math.floor(Math.log10(fastest));
  const step = [0.5, 1, 2, 5].map((factor) => factor * power).find((one) => one * 2.4 >= fastest);
  const line = step ?? 5 * power;
  return { top: line * 2.5, lines: [0, line, 2 * line] };
}

/** The graph in words. */
export function speedWords(samples: readonly number[], formats: Pick<Formats, "rate">): string {
  const now = samples.at(-1) ?? 0;
  const fastest = Math.max(0, ...samples);
  const mean = samples.reduce((sum, sample) => sum + sample, 0) / Math.max(1, samples.length);
  return `Speed over the last ${samples.length} seconds: ${formats.rate(now)} now, ${formats.rate(mean)} on average, ${formats.rate(fastest)} at most`;
}
