import { LonghaulError } from "#shared/errors.ts";
import type { ByteRange } from "../bytes/byte-range.ts";
import { MiB } from "../bytes/sizes.ts";
import type { PartLimits } from "../stores/store.ts";

export type PlannedPart = ByteRange & {
  /** Counted from 1, as stores count. */
  readonly number: number;
};

/** Small enough to lose cheaply on a bad link, large enough that request overhead vanishes. */
export const DEFAULT_PART_BYTES = 16 * MiB;

/** Of the parts a store allows: the rest is room for what nobody thought of. */
const PLANNED_SHARE = 0.9;

/**
 * The size of all parts but the last: the smallest whole MiB that is at least what was asked for and
 * fills at most nine tenths of the parts that a store allows; where that is too large for a part,
 * the size that fills them all. Depends on nothing that changes between two runs but `askedBytes`.
 *
 * @param askedBytes A profile's or a person's; null is 16 MiB.
 * @throws {LonghaulError} `unsupported` for a file that the store cannot hold.
 */
export function choosePartSize(
  sizeBytes: number,
  askedBytes: number | null,
  limits: PartLimits,
): number {
  const { minPartBytes, maxPartBytes, maxParts } = limits;
  const wantedBytes = Math.max(askedBytes ?? DEFAULT_PART_BYTES, minPartBytes);
  const roomyBytes = sizeBytes / Math.floor(maxParts * PLANNED_SHARE);
  const partBytes = Math.ceil(Math.max(wantedBytes, roomyBytes) / MiB) * MiB;
  if (partBytes <= maxPartBytes) return partBytes;
  const tightBytes = Math.max(Math.ceil(sizeBytes / maxParts), minPartBytes);
  if (tightBytes > maxPartBytes) throw tooLarge(sizeBytes, limits);
  // What was asked for is more than a part can be, unless the file itself needs this much.
  return roomyBytes > maxPartBytes ? tightBytes : maxPartBytes;
}

/** The parts of a file in order; an empty file has none. At most as many as the store allows. */
export function planParts(sizeBytes: number, partSizeBytes: number): readonly PlannedPart[] {
  return Array.from({ length: Math.ceil(sizeBytes / partSizeBytes) }, (_, index) => ({
    number: index + 1,
    start: index * partSizeBytes,
    end: Math.min((index + 1) * partSizeBytes, sizeBytes),
  }));
}

function tooLarge(sizeBytes: number, { maxParts, maxPartBytes }: PartLimits): LonghaulError {
  const message = `${sizeBytes} B are more than ${maxParts} parts of ${maxPartBytes} B`;
  return new LonghaulError("unsupported", message, {
    details: { neededBytes: sizeBytes, cause: "file-too-large" },
  });
}
