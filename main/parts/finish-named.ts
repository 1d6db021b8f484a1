import { LonghaulError } from "#shared/errors.ts";
import type { Receipt } from "#shared/transfer.ts";
import { callsThrough, commitFile } from "../disk/commit-file.ts";
import type { FileStamp } from "../disk/file-stamp.ts";
import { statFile } from "../disk/stat-file.ts";
import { proofOf } from "./compare-content.ts";
import type { FetchItem, MoveTools } from "./ports.ts";
import { AT_ONCE } from "./ports.ts";
import type { Proof } from "./prove-whole.ts";
import type { ReadFile } from "./prove-by-crc.ts";
import type { ObjectInfo } from "../stores/store.ts";
import { readBack } from "./read-back.ts";
import type { FetchResume } from "./resume.ts";

/** A file under its final name. */
export type Named = {
  /** As it was before it was read. */
  readonly stamp: FileStamp;
  /** Null where its bytes are not the object's: they are somebody's work. */
  readonly receipt: Receipt | null;
};

/**
 * Finishes a file that a crash left under its final name before the journal knew of it. It was proven
 * then, but somebody may have written to it since: it is proven again, and never written to.
 *
 * @param resume Of the very file that has the name now.
 * @throws {LonghaulError} `path-missing` where it has the name no more; when it cannot be read, or the
 * store not be asked; AbortError.
 */
export async function finishNamed(
  { object, path }: Pick<FetchItem, "object" | "path">,
  resume: FetchResume,
  tools: MoveTools,
  signal: AbortSignal,
): Promise<Named> {
  const { onVolume = AT_ONCE } = tools;
  const calls = callsThrough((call) => onVolume(call, signal));
  // The name beside it may be left, and the folder not be flushed. First, for it changes the stamp.
  const order = { part: resume.part, path, replaces: null };
  const notes = await commitFile(order, tools.clock, signal, calls);
  const { stamp } = await statFile(path);
  const proof = await prove({ object, path }, resume, tools, signal);
  if (proof === null) return { stamp, receipt: null };
  const { etag, sizeBytes, versionId } = object;
  const base = { sizeBytes, etag, versionId, finishedAtMs: tools.clock.wallMs() };
  return { stamp, receipt: { ...base, ...proof, notes: [...notes], movedTwiceBytes: 0 } };
}

async function prove(
  { object, path }: Pick<FetchItem, "object" | "path">,
  resume: FetchResume,
  tools: MoveTools,
  signal: AbortSignal,
): Promise<Proof | null> {
  const { etag, sizeBytes } = object;
  if (resume.etag !== etag || resume.sizeBytes !== sizeBytes) return null;
  const file = { path, sizeBytes };
  const found = await proofOf(file, object, tools, signal);
  if (found === "other") return null;
  return found === "unknown" ? await proofByBytes(file, object, tools, signal) : found;
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
