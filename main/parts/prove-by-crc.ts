import type { CrcAlgorithm } from "#shared/crc.ts";
import { CrcMap } from "../bytes/crc-map.ts";
import { MiB } from "../bytes/sizes.ts";
import type { WholeCrc } from "../stores/store.ts";
import { planRanges } from "./plan-ranges.ts";
import type { MoveTools } from "./ports.ts";
import { runLanes } from "./run-lanes.ts";

/** Ranges read back at once, each this long. */
const READ_LANES = 4;
const READ_BYTES = 16 * MiB;

export type ReadFile = { readonly path: string; readonly sizeBytes: number };

/** Whether a file has the CRC that the origin says of the whole. @throws as `crcOfFile`. */
export async function proveByCrc(
  { algorithm, crc }: WholeCrc,
  file: ReadFile,
  tools: MoveTools,
  signal: AbortSignal,
): Promise<boolean> {
  return (await crcOfFile(new CrcMap(algorithm), file, tools, signal)) === crc;
}

/**
 * The CRC of a file, in hex, out of those of its ranges; only what is not known yet is read.
 *
 * @param crcs Knows all of it afterwards.
 * @throws {LonghaulError} when the file cannot be read; AbortError.
 */
export async function crcOfFile(
  crcs: CrcMap,
  { path, sizeBytes }: ReadFile,
  { wire, meter, observer }: MoveTools,
  signal: AbortSignal,
): Promise<string | null> {
  const within = { start: 0, end: sizeBytes };
  let doneBytes = crcs.known.totalBytes;
  const missing = planRanges({
    within,
    pieces: null,
    have: crcs.known,
    maxBytes: () => READ_BYTES,
  });
  const algorithm: CrcAlgorithm = crcs.algorithm;
  observer.verified(doneBytes);
  const read = async ({ start, end }: { start: number; end: number }, laneSignal: AbortSignal) => {
    const order = { source: { path, start, end }, algorithm, meter };
    crcs.add({ start, end }, await wire.digest(order, laneSignal));
    doneBytes += end - start;
    observer.verified(doneBytes);
  };
  await runLanes(READ_LANES, missing, read, signal);
  return crcs.ofWhole(sizeBytes);
}
