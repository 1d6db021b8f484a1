import { LonghaulError } from "#shared/errors.ts";
import { removePartFile } from "../disk/part-file.ts";
import type { UploadRef } from "../stores/store.ts";
import { findOrphan } from "./open-upload.ts";
import type { MoveTools } from "./ports.ts";
import type { FetchResume, SendResume } from "./resume.ts";

/** A store that goes on naming an upload without a part in it holds nothing any more. */
const EMPTY_LOOKS = 5;

/**
 * Frees what an unfinished upload holds at the store. A part that was under way may land after an
 * abort, so it is repeated until the store no longer knows the upload.
 *
 * @returns false when only the intent is known, and the store shows no upload of it: one that was
 * asked for a moment ago may still appear.
 * @throws {LonghaulError} what the store says; the upload may still be there then, and this is to
 * be tried again later.
 */
export async function abandonSend(
  key: string,
  resume: SendResume,
  tools: Pick<MoveTools, "store" | "retry">,
  signal: AbortSignal,
): Promise<boolean> {
  const { store, retry } = tools;
  let emptyLooks = 0;
  let isFound = resume.step !== "intent";
  const attempt = async (): Promise<void> => {
    const upload =
      resume.step === "intent"
        ? await findOrphan(store, key, resume, signal)
        : { key, uploadId: resume.uploadId };
    if (upload === undefined) return;
    isFound = true;
    await store.abort(upload, signal);
    const partCount = await countLeft(upload, tools, signal);
    if (partCount === null) return;
    emptyLooks = partCount === 0 ? emptyLooks + 1 : 0;
    if (emptyLooks < EMPTY_LOOKS) throw stillThere(upload);
  };
  await retry.run(null, attempt, signal);
  return isFound;
}

/** Parts on the first page; null when the store does not know the upload any more. */
async function countLeft(
  upload: UploadRef,
  { store }: Pick<MoveTools, "store">,
  signal: AbortSignal,
): Promise<number | null> {
  try {
    return (await store.listParts(upload, null, signal)).parts.length;
  } catch (error) {
    if (error instanceof LonghaulError && error.code === "upload-gone") return null;
    throw error;
  }
}

/** Worth another try. */
function stillThere({ key }: UploadRef): LonghaulError {
  return new LonghaulError("server-failed", "an aborted upload is still there", {
    details: { key, cause: "UploadLeft" },
  });
}

/** Removes the partial file of an unfinished download. */
export async function abandonFetch(resume: FetchResume): Promise<void> {
  await removePartFile(resume.part);
}
