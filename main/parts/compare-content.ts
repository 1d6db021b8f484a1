import type { ObjectInfo, Piece } from "../stores/store.ts";
import type { MoveTools } from "./ports.ts";
import type { ReadFile } from "./prove-by-crc.ts";
import { proveByCrc } from "./prove-by-crc.ts";
import { proveByEtag } from "./prove-by-etag.ts";
import type { Proof } from "./prove-whole.ts";
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
  file: ReadFile,
  object: ObjectInfo,
  tools: MoveTools,
  signal: AbortSignal,
): Promise<boolean> {
  const proof = await proofOf(file, object, tools, signal);
  return proof !== "other" && proof !== "unknown";
}

/** `unknown`: the origin has no digest, or one that need not be of the bytes. */
export type Comparison = Proof | "other" | "unknown";

/** What shows that a file has the bytes of an object, or has others. As `compareContent`. */
export async function proofOf(
  file: ReadFile,
  object: ObjectInfo,
  tools: MoveTools,
  signal: AbortSignal,
): Promise<Comparison> {
  if (file.sizeBytes !== object.sizeBytes) return "other";
  if (file.sizeBytes === 0) return { rung: "size", sha256: null, partCount: 1 };
  tools.observer.stage("verifying");
  try {
    return await prove(file, object, tools, signal);
  } finally {
    tools.observer.stage("preparing");
  }
}

async function prove(
  file: ReadFile,
  object: ObjectInfo,
  tools: MoveTools,
  signal: AbortSignal,
): Promise<Comparison> {
  const pieces = await tools.retry.run(null, () => tools.store.pieces(object, signal), signal);
  if (pieces !== null) {
    if (!(await hasPieces(file.path, pieces, tools, signal))) return "other";
    const [first] = pieces;
    const sha256 = pieces.length === 1 && first !== undefined ? first.sha256 : null;
    return { rung: "part-sha256", sha256, partCount: pieces.length };
  }
  const crc = await tools.retry.run(null, () => tools.store.wholeCrc(object, signal), signal);
  const proof = { sha256: null, partCount: 1 };
  if (crc !== null) {
    const isProven = await proveByCrc(crc, file, tools, signal);
    return isProven ? { ...proof, rung: "full-crc" } : "other";
  }
  const { isProven } = await proveByEtag(object, file.path, tools, signal);
  return isProven ? { ...proof, rung: "md5-etag" } : "unknown";
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
