import { LonghaulError } from "#shared/errors.ts";
import type { Receipt } from "#shared/transfer.ts";
import { callsThrough, commitFile } from "../disk/commit-file.ts";
import { proofOf } from "./compare-content.ts";
import type { FetchItem, MoveTools } from "./ports.ts";
import { AT_ONCE } from "./ports.ts";
import type { Proof } from "./prove-whole.ts";
import type { ReadFile } from "./prove-by-crc.ts";
import type { ObjectInfo } from "../stores/store.ts";
import { readBack } from "./read-back.ts";
import type { FetchResume } from "./resume.ts";

/**
 * Finishes a file that a crash left under its final name before the journal knew of it. It was proven
 * then, but somebody may have written to it since: it is proven again, and never written to.
 *
 * @param resume Of the very file that has the name now.
 * @returns null where its bytes are not the object's: they are somebody's work.
 * @throws {LonghaulError} when the file cannot be read, or the store not be asked; AbortError.
 */
export async function finishNamed(
  { object, path }: FetchItem,
  resume: FetchResume,
  tools: MoveTools,
  signal: AbortSignal,
): Promise<Receipt | null> {
  const { etag, sizeBytes, versionId } = object;
  if (resume.etag !== etag || resume.sizeBytes !== sizeBytes) return null;
  const file = { path, sizeBytes };
  const found = await proofOf(file, object, tools, signal);
  if (found === "other") return null;
  const proof = found === "unknown" ? await proofByBytes(file, object, tools, signal) : found;
  if (proof === null) return null;
  const { onVolume = AT_ONCE } = tools;
  const calls = callsThrough((call) => onVolume(call, signal));
  // The name beside it may be left, and the folder not be flushed.
  const order = { part: resume.part, path, replaces: null };
  const notes = await commitFile(order, tools.clock, signal, calls);
  const base = { sizeBytes, etag, versionId, finishedAtMs: tools.clock.wallMs() };
  return { ...base, ...proof, notes: [...notes], movedTwiceBytes: 0 };
}

/** Without a digest at the origin only its bytes are left to compare with. */
async function proofByBytes(
  file: ReadFile,
  object: ObjectInfo,
  tools: MoveTools,
  signal: AbortSignal,
): Promise<Proof | null> {
  try {
    await readBack(file, object, tools, signal);
    return { rung: "size", sha256: null, partCount: 1 };
  } catch (error) {
    if (error instanceof LonghaulError && error.code === "corrupt") return null;
    throw error;
  }
}
