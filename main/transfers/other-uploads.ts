import type { ItemAtWork } from "./item-at-work.ts";
import { isAbort, LonghaulError } from "#shared/errors.ts";

/**
 * After the journal was lost: says in the transfer's log which other uploads of the same key are
 * unfinished at the store. They may be ours, or of somebody who sends right now: the store tells
 * nothing of an unfinished upload that would prove it, so nobody but a person removes them.
 */
export async function tellOtherUploads(
  { run, row }: ItemAtWork,
  own: { readonly key: string; readonly uploadId: string },
  signal: AbortSignal,
): Promise<void> {
  const { store } = run.opened;
  try {
    const found = await store.findUploads(own.key, signal);
    for (const { uploadId, startedAtMs } of found) {
      if (uploadId === own.uploadId) continue;
      const begun = new Date(startedAtMs).toISOString();
      const text = `The list of transfers was lost, and another unfinished upload of ${own.key}, begun ${begun}, is at the store. If nobody else sends it, remove it there: its id is ${uploadId}.`;
      await run.ports.book.log(row.transferId, "warn", text);
    }
  } catch (error) {
    // Who may not list uploads cannot be told of any.
    if (isAbort(error) || !(error instanceof LonghaulError)) throw error;
  }
}
