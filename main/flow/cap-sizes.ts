/**
 * How much moves at once under a cap: little enough that the cap holds over seconds, much enough
 * that the overhead of a request stays under one percent.
 */
const KiB = 1024;

/** What a range may take of the capped line. */
const RANGE_SECONDS = 0.1;
const RANGE_STEP_BYTES = 64 * KiB;
const LARGEST_RANGE_BYTES = 16 * 1024 * KiB;

const CHUNK_SECONDS = 0.05;
/** Smaller ones cost more than they carry… */
const SMALL_CHUNK_BYTES = 4 * KiB;
/** …but fifty streams must each have their turn within 10 s, or a server gives up on them. */
const LONGEST_CHUNK_SECONDS = 0.15;
/** Small, so that chunks that wait when the cap falls are no burst under the new one. */
const LARGEST_CHUNK_BYTES = 64 * KiB;
/** Without a cap: fewer calls. */
const FREE_CHUNK_BYTES = 256 * KiB;

/** A socket that gets less than this may sit idle until the server gives up on it. */
const LEAST_STREAM_BYTES_PER_SECOND = 16 * KiB;

/**
 * Bytes of the largest range to ask for under a cap on downloads; a multiple of 64 KiB. A range is
 * paid for as a whole before it is requested, because the system's receive buffers would take in
 * megabytes beyond the cap.
 */
export function rangeBytesUnderCap(bytesPerSecond: number | null): number {
  if (bytesPerSecond === null) return LARGEST_RANGE_BYTES;
  const steps = Math.round((bytesPerSecond * RANGE_SECONDS) / RANGE_STEP_BYTES);
  return clamp(steps * RANGE_STEP_BYTES, RANGE_STEP_BYTES, LARGEST_RANGE_BYTES);
}

/** Bytes paid for at once while sending. */
export function chunkBytesUnderCap(bytesPerSecond: number | null): number {
  if (bytesPerSecond === null) return FREE_CHUNK_BYTES;
  const leastBytes = Math.min(SMALL_CHUNK_BYTES, bytesPerSecond * LONGEST_CHUNK_SECONDS);
  return Math.floor(clamp(bytesPerSecond * CHUNK_SECONDS, leastBytes, LARGEST_CHUNK_BYTES));
}

/** Under a cap of now, a chunk of this size would keep the other streams waiting. */
export function isChunkTooLarge(sizeBytes: number, bytesPerSecond: number): boolean {
  return sizeBytes > 2 * chunkBytesUnderCap(bytesPerSecond);
}

/** How many streams a capped line keeps busy; Infinity without a cap. */
export function streamsUnderCap(bytesPerSecond: number | null): number {
  if (bytesPerSecond === null) return Infinity;
  return Math.max(1, Math.floor(bytesPerSecond / LEAST_STREAM_BYTES_PER_SECOND));
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
