import type { Entry } from "../cache/entry.ts";
import type { Reached } from "../cache/local-copies.ts";
import { overlay } from "../cache/overlay.ts";
import { toShownPath } from "../disk/local-path.ts";
import { abandonFetch } from "../parts/abandon.ts";
import { fetchItem } from "../parts/fetch-item.ts";
import type { FetchItem, FetchJournal, MoveTools } from "../parts/ports.ts";
import { isAbort, LonghaulError, toErrorInfo } from "#shared/errors.ts";
import type { FetchResume } from "../parts/resume.ts";
import type { Receipt } from "#shared/transfer.ts";
import type { Run } from "./run-ports.ts";

type Means = { readonly journal: FetchJournal; readonly tools: MoveTools };

/**
 * Fetches an object, unless a valid copy of it is here: then the file is made of that, compared with
 * the object like everything that arrives, and only what differs is fetched.
 *
 * @throws {LonghaulError} as `fetchItem`.
 */
export async function fetchOrReach(
  run: Run,
  order: FetchItem,
  means: Means,
  signal: AbortSignal,
): Promise<Receipt> {
  const reached = await reach(run, order, means, signal);
  if (reached === null) return await fetchItem(order, means.journal, means.tools, signal);
  try {
    const receipt = await fetchReached(reached, order, means, signal);
    await reached.settle(receipt.movedTwiceBytes > 0);
    return receipt;
  } catch (error) {
    if (!(error instanceof LonghaulError) || error.code !== "corrupt") throw error;
    // Neither the copy nor what is known of it is to be trusted: as if it were not here.
    await reached.settle(true);
    const anew = { ...order, resume: { ...reached.resume, durable: [], proven: [] } };
    return await fetchItem(anew, means.journal, means.tools, signal);
  }
}

async function reach(
  run: Run,
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
  const note = `Made of the copy at ${toShownPath(copy.path)}, and compared.`;
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
  if (!isWished || entry === null || ports.copies === undefined) return null;
  try {
    await ports.copies.keep(entry, signal);
    return null;
  } catch (error) {
    if (isAbort(error)) throw error;
    return `no copy was kept: ${toErrorInfo(error).message}`;
  }
}
