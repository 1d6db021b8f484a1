import type { StoredPart, StoredPartPage, UploadRef } from "../stores/store.ts";
import type { PlannedPart } from "./plan-parts.ts";
import type { MoveTools } from "./ports.ts";
import type { SentPart } from "./resume.ts";

/** All parts the store holds of an upload, by number. @throws {LonghaulError} `upload-gone`. */
export async function listAllParts(
  upload: UploadRef,
  { store, retry }: MoveTools,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, StoredPart>> {
  const parts = new Map<number, StoredPart>();
  let cursor: string | null = null;
  do {
    const at: string | null = cursor;
    const page: StoredPartPage = await retry.run(
      null,
      () => store.listParts(upload, at, signal),
      signal,
    );
    for (const part of page.parts) parts.set(part.number, part);
    cursor = page.cursor;
  } while (cursor !== null);
  return parts;
}

/**
 * The parts that an earlier run sent and the store still holds just so: same place in the plan, size
 * and ETag, and SHA-256 where the store has it. What is on disk now is for the caller to digest.
 */
export function matchParts(
  planned: readonly PlannedPart[],
  sent: readonly SentPart[],
  stored: ReadonlyMap<number, StoredPart>,
): ReadonlyMap<number, SentPart> {
  const byNumber = new Map(sent.map((part) => [part.number, part]));
  const kept = new Map<number, SentPart>();
  for (const { number, start, end } of planned) {
    const ours = byNumber.get(number);
    const theirs = stored.get(number);
    if (ours === undefined || theirs === undefined) continue;
    const isSamePlace = ours.start === start && ours.end === end;
    if (isSamePlace && isSameContent(ours, theirs)) kept.set(number, ours);
  }
  return kept;
}

function isSameContent(ours: SentPart, theirs: StoredPart): boolean {
  return (
    theirs.etag === ours.etag &&
    theirs.sizeBytes === ours.end - ours.start &&
    (theirs.sha256 === null || theirs.sha256 === ours.sha256)
  );
}
