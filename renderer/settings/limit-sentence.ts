import type { Limits } from "#shared/settings.ts";

/** `Limited now: 40 MB/s down, 5 MB/s up.`; null at full speed. */
export function limitSentence(
  { downBytesPerSecond, upBytesPerSecond }: Limits,
  rate: (bytesPerSecond: number) => string,
): string | null {
  if (downBytesPerSecond === null && upBytesPerSecond === null) return null;
  const down = downBytesPerSecond === null ? "full speed down" : `${rate(downBytesPerSecond)} down`;
  const up = upBytesPerSecond === null ? "full speed up" : `${rate(upBytesPerSecond)} up`;
  return `Limited now: ${down}, ${up}.`;
}
