import { LonghaulError } from "#shared/errors.ts";
import { removePartFile } from "../disk/part-file.ts";
import type { UploadRef } from "../stores/store.ts";
import { findOrphan } from "./open-upload.ts";
import type { MoveTools } from "./ports.ts";
import type { FetchResume, SendResume } from "./resume.ts";

/**
 * Frees what an unfinished upload holds at the store. A part that was under way may land after an
 * abort, so it is repeated until the store no longer knows the upload.
 *
 * @throws {LonghaulError} what the store says; the upload may still be there then, and this is to
 * be tried again later.
 */
export async function abandonSend(
  key: string,
  resume: SendResume,
  tools: Pick<MoveTools, "store" | "retry">,
  signal: AbortSignal,
): Promise<void> {
  const { store, retry } = tools;
  const attempt = async (): Promise<void> => {
    const upload =
      resume.step === "intent"
        ? await findOrphan(store, key, resume, signal)
        : { key, uploadId: resume.uploadId };
    if (upload === undefined) return;
    await store.abort(upload, signal);
    await assertGone(upload, tools, signal);
  };
  await retry.run(null, attempt, signal);
}

/** @throws {LonghaulError} `server-failed`, which is worth another try, while there are parts. */
async function assertGone(
  upload: UploadRef,
  { store }: Pick<MoveTools, "store">,
  signal: AbortSignal,
): Promise<void> {
  try {
    const { parts } = await store.listParts(upload, null, signal);
    if (parts.length === 0) return;
  } catch (error) {
    if (error instanceof LonghaulError && error.code === "upload-gone") return;
    throw error;
  }
  throw new LonghaulError("server-failed", "an aborted upload still has parts", {
    details: { key: upload.key, cause: "PartsLeft" },
  });
}

/** Removes the partial file of an unfinished download. */
export async function abandonFetch(resume: FetchResume): Promise<void> {
  await removePartFile(resume.part);
}
