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
/** Without a cap: fewer calls… */
const FREE_CHUNK_BYTES = 256 * KiB;
/** …once more than the system's own buffers went quickly… */
const QUICK_BYTES = 4 * 1024 * KiB;
const QUICK_CHUNK_MS = 1000;
/** …and before that, or on a slow line that many streams share, little enough to be gone in seconds. */
const FIRST_FREE_CHUNK_BYTES = 64 * KiB;
const SLOW_FREE_CHUNK_BYTES = 16 * KiB;

/**
 * A stream carries that much over any line, and files of 16 KiB one after the other over one of 100 ms.
 * With more streams all parts would be under way together, none done until the last is, and others
 * would wait long for a connection.
 */
const LEAST_STREAM_BYTES_PER_SECOND = 128 * KiB;

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

/** How much is handed over at once without a cap, and how much went quickly so far. */
export type FreePace = { readonly chunkBytes: number; readonly quickBytes: number };

export const FIRST_FREE_PACE: FreePace = { chunkBytes: FIRST_FREE_CHUNK_BYTES, quickBytes: 0 };

/**
 * The pace after a chunk that took that long to be taken. How far a chunk is nobody sees before all of
 * it is with the system, and a stream without a sign of life is given up.
 */
export function afterFreeChunk({ chunkBytes, quickBytes }: FreePace, tookMs: number): FreePace {
  if (tookMs >= QUICK_CHUNK_MS) return { chunkBytes: SLOW_FREE_CHUNK_BYTES, quickBytes: 0 };
  const soFarBytes = quickBytes + chunkBytes;
  const isFast = soFarBytes >= QUICK_BYTES;
  return { chunkBytes: isFast ? FREE_CHUNK_BYTES : chunkBytes, quickBytes: soFarBytes };
}

/** Bytes paid for at once while sending under a cap. */
export function chunkBytesUnderCap(bytesPerSecond: number): number {
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
