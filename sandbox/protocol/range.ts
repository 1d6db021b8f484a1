import { S3Error } from "./s3-error.ts";

/** Half-open, in bytes. */
export type ByteRange = { readonly start: number; readonly end: number };

/**
 * The range that a Range header asks of an object, or undefined where S3 sends the whole: no
 * header, several ranges, another unit, or nonsense.
 *
 * @throws {S3Error} InvalidRange where no byte of the object is asked for.
 */
export function parseRange(header: string | undefined, sizeBytes: number): ByteRange | undefined {
  const range = readRange(header?.trim() ?? "", sizeBytes);
  if (range === undefined || range.start < range.end) return range;
  throw new S3Error("InvalidRange", undefined, { ActualObjectSize: String(sizeBytes) });
}

/** Empty where the object ends before it; undefined where it is no range. */
function readRange(header: string, sizeBytes: number): ByteRange | undefined {
  const [, suffix] = /^bytes=-(\d+)$/.exec(header) ?? [];
  if (suffix !== undefined) {
    return { start: Math.max(0, sizeBytes - Number(suffix)), end: sizeBytes };
  }
  const [, first, last = ""] = /^bytes=(\d+)-(\d*)$/.exec(header) ?? [];
  if (first === undefined) return undefined;
  if (last === "") return { start: Number(first), end: sizeBytes };
  if (Number(last) < Number(first)) return undefined;
  return { start: Number(first), end: Math.min(sizeBytes, Number(last) + 1) };
}

/** `bytes 0-9/100`: HTTP counts both ends in. */
export function contentRange(range: ByteRange, sizeBytes: number): string {
  return `bytes ${range.start}-${range.end - 1}/${sizeBytes}`;
}
