import type { ObjectInfo, Piece } from "../stores/store.ts";
import type { MoveTools } from "./ports.ts";
import { proveByCrc } from "./prove-by-crc.ts";
import { proveByEtag } from "./prove-by-etag.ts";
import { runLanes } from "./run-lanes.ts";

/** Pieces read at once. */
const READ_LANES = 4;

/**
 * Whether a local file has the very bytes of an object, by the best digest that the origin gives.
 * Equal sizes prove nothing: where the origin has no digest, the answer is no.
 *
 * @throws {LonghaulError} when the file cannot be read, or the store not be asked; AbortError.
 */
export async function compareContent(
  file: { readonly path: string; readonly sizeBytes: number },
  object: ObjectInfo,
  tools: MoveTools,
  signal: AbortSignal,
): Promise<boolean> {
  if (file.sizeBytes !== object.sizeBytes) return false;
  if (file.sizeBytes === 0) return true;
  tools.observer.stage("verifying");
  try {
    const pieces = await tools.retry.run(null, () => tools.store.pieces(object, signal), signal);
    if (pieces !== null) return await hasPieces(file.path, pieces, tools, signal);
    const crc = await tools.retry.run(null, () => tools.store.wholeCrc(object, signal), signal);
    if (crc !== null) return await proveByCrc(crc, file, tools, signal);
    return (await proveByEtag(object, file.path, tools, signal)).isProven;
  } finally {
    tools.observer.stage("preparing");
  }
}

/** Reads no further than the first piece that differs. */
async function hasPieces(
  path: string,
  pieces: readonly Piece[],
  { wire, meter, observer }: MoveTools,
  signal: AbortSignal,
): Promise<boolean> {
  const differing = new AbortController();
  let doneBytes = 0;
  const compare = async ({ start, end, sha256 }: Piece, laneSignal: AbortSignal): Promise<void> => {
    const order = { source: { path, start, end }, algorithm: "sha256", meter } as const;
    if ((await wire.digest(order, laneSignal)) !== sha256) differing.abort();
    laneSignal.throwIfAborted();
    doneBytes += end - start;
    observer.verified(doneBytes);
  };
  const either = AbortSignal.any([signal, differing.signal]);
  try {
    await runLanes(READ_LANES, pieces.values(), compare, either);
    return true;
  } catch (error) {
    if (differing.signal.aborted && !signal.aborted) return false;
    throw error;
  }
}
