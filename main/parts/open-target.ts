import { RangeSet } from "../bytes/range-set.ts";
import type { PartFile } from "../disk/part-file.ts";
import { createPartFile, intendPartFile, isPartFileAt, removePartFile } from "../disk/part-file.ts";
import type { FetchItem, FetchJournal } from "./ports.ts";
import type { FetchResume } from "./resume.ts";

/** The file that bytes go to, and what of it is good. */
export type Target = {
  /** Its `path` is where the file is now: the final one, when a crash came right after the last step. */
  readonly part: PartFile;
  readonly durable: RangeSet;
  readonly proven: RangeSet;
  /** Resolves when the journal knows the very file; nothing gets its final name before. */
  readonly kept: Promise<void>;
};

const KEPT = Promise.resolve();

/**
 * The partial file of an earlier run, if it is still there and of the same object; else a new one.
 * What another file, or another object's bytes, would be taken for is never guessed: the file must
 * be the very one that was journaled.
 */
export async function openTarget(item: FetchItem, journal: FetchJournal): Promise<Target> {
  const found = item.resume === null ? undefined : await findTarget(item, item.resume);
  if (found !== undefined) return found;
  if (item.resume !== null) await removePartFile(item.resume.part);
  const empty = { durable: RangeSet.empty, proven: RangeSet.empty };
  const intended = intendPartFile(item.path, item.object.sizeBytes);
  await journal.saved(toResume(item, { part: intended, ...empty }));
  const part = await createPartFile(intended);
  // Bytes come meanwhile: one commit to wait for is enough, with files by the thousand.
  const kept = journal.saved(toResume(item, { part, ...empty }));
  kept.catch(() => undefined);
  return { part, ...empty, kept };
}

async function findTarget(item: FetchItem, resume: FetchResume): Promise<Target | undefined> {
  const { etag, sizeBytes } = item.object;
  if (resume.etag !== etag || resume.sizeBytes !== sizeBytes) return undefined;
  const durable = RangeSet.of(...resume.durable);
  const proven = RangeSet.of(...resume.proven);
  if (await isPartFileAt(resume.part, item.path)) {
    // A crash came after it got its final name, and perhaps before it lost the other one. Only a
    // whole file gets its name, but somebody may have written to it since: it is proven again.
    if (resume.part.path !== item.path) await removePartFile(resume.part);
    const part = { ...resume.part, path: item.path };
    const whole = RangeSet.of({ start: 0, end: sizeBytes });
    return { part, durable: whole, proven: RangeSet.empty, kept: KEPT };
  }
  if (!(await isPartFileAt(resume.part, resume.part.path))) return undefined;
  return { part: resume.part, durable, proven, kept: KEPT };
}

export function toResume(
  { object }: FetchItem,
  { part, durable, proven }: Pick<Target, "part" | "durable" | "proven">,
): FetchResume {
  const { etag, sizeBytes } = object;
  return {
    etag,
    sizeBytes,
    part,
    durable: [...durable.ranges],
    proven: [...proven.ranges],
  };
}
