import { RangeSet } from "../bytes/range-set.ts";
import type { PartFile } from "../disk/part-file.ts";
import { createPartFile, isPartFileAt, removePartFile } from "../disk/part-file.ts";
import type { FetchItem, FetchJournal } from "./ports.ts";
import type { FetchResume } from "./resume.ts";

/** The file that bytes go to, and what of it is good. */
export type Target = {
  /** Its `path` is where the file is now: the final one, when a crash came right after the last step. */
  readonly part: PartFile;
  readonly durable: RangeSet;
  readonly proven: RangeSet;
};

/**
 * The partial file of an earlier run, if it is still there and of the same object; else a new one.
 * What another file, or another object's bytes, would be taken for is never guessed: the file must
 * be the very one that was journaled.
 */
export async function openTarget(item: FetchItem, journal: FetchJournal): Promise<Target> {
  const found = item.resume === null ? undefined : await findTarget(item, item.resume);
  if (found !== undefined) return found;
  if (item.resume !== null) await removePartFile(item.resume.part);
  const part = await createPartFile(item.path, item.object.sizeBytes);
  const target = { part, durable: RangeSet.empty, proven: RangeSet.empty };
  await journal.saved(toResume(item, target));
  return target;
}

async function findTarget(item: FetchItem, resume: FetchResume): Promise<Target | undefined> {
  const { etag, sizeBytes } = item.object;
  if (resume.etag !== etag || resume.sizeBytes !== sizeBytes) return undefined;
  const durable = RangeSet.of(...resume.durable);
  const proven = RangeSet.of(...resume.proven);
  if (await isPartFileAt(resume.part, resume.part.path)) {
    return { part: resume.part, durable, proven };
  }
  // Committed, but not yet journaled as done: only a whole file gets its name. Somebody may have
  // written to it since, so it is to be proven again.
  if (!(await isPartFileAt(resume.part, item.path))) return undefined;
  const whole = RangeSet.of({ start: 0, end: sizeBytes });
  return { part: { ...resume.part, path: item.path }, durable: whole, proven: RangeSet.empty };
}

export function toResume({ object }: FetchItem, { part, durable, proven }: Target): FetchResume {
  const { etag, sizeBytes, versionId } = object;
  return {
    etag,
    sizeBytes,
    versionId,
    part,
    durable: [...durable.ranges],
    proven: [...proven.ranges],
  };
}
