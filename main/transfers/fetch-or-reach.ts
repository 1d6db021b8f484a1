import type { ByteRange } from "../bytes/byte-range.ts";
import type { Entry } from "../cache/entry.ts";
import { hasVersion } from "../cache/entry.ts";
import { isUnchanged } from "../cache/is-unchanged.ts";
import type { Reached } from "../cache/local-copies.ts";
import { overlay } from "../cache/overlay.ts";
import { toShownPath } from "../disk/local-path.ts";
import { abandonFetch } from "../parts/abandon.ts";
import { fetchItem } from "../parts/fetch-item.ts";
import { handOn } from "../parts/hand-on.ts";
import type { FetchItem, FetchJournal, MoveObserver, MoveTools } from "../parts/ports.ts";
import { isAbort, LonghaulError, toErrorInfo } from "#shared/errors.ts";
import type { FetchResume } from "../parts/resume.ts";
import type { Receipt } from "#shared/transfer.ts";
import { MADE_OF } from "./item-notes.ts";
import type { OpenedStore, Run, RunPorts } from "./run-ports.ts";

type Means = { readonly journal: FetchJournal; readonly tools: MoveTools };

type ReachRun = {
  readonly ports: Pick<RunPorts, "copies">;
  readonly opened: Pick<OpenedStore, "origin">;
};

/**
 * Fetches an object, unless a valid copy of it is here: then the file is made of that, compared with
 * the object like everything that arrives, and only what differs is fetched.
 *
 * @throws {LonghaulError} as `fetchItem`.
 */
export async function fetchOrReach(
  run: ReachRun,
  order: FetchItem,
  means: Means,
  signal: AbortSignal,
): Promise<Receipt> {
  const reached = await reach(run, order, means, signal);
  if (reached === null) return await fetchItem(order, means.journal, means.tools, signal);
  const undone: ByteRange[] = [];
  const observer: MoveObserver = {
    ...handOn(means.tools.observer),
    undone: (range) => {
      undone.push(range);
      means.tools.observer.undone(range);
    },
  };
  const watched = { ...means, tools: { ...means.tools, observer } };
  try {
    const receipt = await fetchReached(reached, order, watched, signal);
    const isDamaged = await differs(
      reached.copy,
      { path: order.path, undone },
      means.tools,
      signal,
    );
    await reached.settle(isDamaged);
    return receipt;
  } catch (error) {
    if (!(error instanceof LonghaulError) || error.code !== "corrupt") throw error;
    // Neither the copy nor what is known of it is to be trusted: as if it were not here.
    await reached.settle(true);
    const anew = { ...order, resume: { ...reached.resume, durable: [], proven: [] } };
    return await fetchItem(anew, means.journal, means.tools, signal);
  }
}

/**
 * Whether what had to move again is wrong in the copy itself, by what is here now: the disk may have
 * lost it on the way, or the origin's ETag be no digest. What cannot be read is not called damaged.
 */
async function differs(
  copy: Entry,
  { path, undone }: { readonly path: string; readonly undone: readonly ByteRange[] },
  { wire, meter }: MoveTools,
  signal: AbortSignal,
): Promise<boolean> {
  const digest = (file: string, { start, end }: ByteRange) =>
    wire.digest({ source: { path: file, start, end }, algorithm: "sha256", meter }, signal);
  try {
    for (const range of undone) {
      if (!(await isUnchanged(copy))) return false;
      if ((await digest(copy.path, range)) !== (await digest(path, range))) return true;
    }
    return false;
  } catch (error) {
    if (error instanceof LonghaulError || isAbort(error)) return false;
    throw error;
  }
}

async function reach(
  run: ReachRun,
  { object, root, path, resume }: FetchItem,
  { journal }: Means,
  signal: AbortSignal,
): Promise<Reached | null> {
  const { ports, opened } = run;
  // What an earlier run fetched is nearer still.
  if (ports.copies === undefined || (resume !== null && resume.durable.length > 0)) return null;
  const place = { object, origin: opened.origin, root, path };
  const saved = async (next: FetchResume) => {
    // What a crash left of an earlier copy is removed while the journal still names it.
    if (resume !== null && resume.part.path !== next.part.path) await abandonFetch(resume);
    await journal.saved(next);
  };
  return await ports.copies.reach(place, run, saved, signal);
}

async function fetchReached(
  { resume, pieces, copy }: Reached,
  order: FetchItem,
  { journal, tools }: Means,
  signal: AbortSignal,
): Promise<Receipt> {
  const store =
    pieces === null ? tools.store : overlay(tools.store, { pieces: async () => pieces });
  const receipt = await fetchItem({ ...order, resume }, journal, { ...tools, store }, signal);
  const note = `${MADE_OF}${toShownPath(copy.path)}, and compared.`;
  const notes = [...receipt.notes, note];
  if (pieces === null) return { ...receipt, notes };
  // Our own digests are of bytes that were compared so; they say no more than that.
  return { ...receipt, notes, rung: copy.rung ?? "size", sha256: copy.sha256 };
}

/** Keeps a copy in a cache folder, if that was asked for. @returns why none could be kept, in words. */
export async function keepIfWished(
  { ports, record }: Run,
  entry: Entry | null,
  signal: AbortSignal,
): Promise<string | null> {
  const isWished = record.spec.kind === "download" && record.spec.cache === true;
  if (!isWished || entry === null || !hasVersion(entry) || ports.copies === undefined) return null;
  try {
    await ports.copies.keep(entry, signal);
    return null;
  } catch (error) {
    if (isAbort(error)) throw error;
    return `no copy was kept: ${toErrorInfo(error).message}`;
  }
}
